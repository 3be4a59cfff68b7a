/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What a log is for: a publisher whose cost does not grow with its subscribers, subscribers that stall and disturb no
 * other, and joins and leaves that cost next to nothing.
 *
 * <pre>{@code
 * PublisherJob, StalledJob,            LogServer -->
 * StalledGroupJob, ChurnJob --lines-->    Host (log, group or Netty) --> sockets --> SubscriberReader
 * }</pre>
 */
@NullMarked
package io.sendbuffer.benchmarks.log;

import org.jspecify.annotations.NullMarked;

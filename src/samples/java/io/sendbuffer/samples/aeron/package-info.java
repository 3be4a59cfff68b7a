/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The core beside Aeron: a message for clients over TCP is also offered to an Aeron publication, without an extra copy.
 *
 * <p>Start reading at {@code AeronPublisher.offer}. Agrona's buffers need the flag {@code --add-exports
 * java.base/jdk.internal.misc=ALL-UNNAMED}, and so do Aeron and the views of a {@code SendBuffer}.
 */
@NullMarked
package io.sendbuffer.samples.aeron;

import org.jspecify.annotations.NullMarked;

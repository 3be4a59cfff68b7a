/** TLS below the sessions: a channel that encrypts, made of {@code tls-channel}. */
@NullMarked
package io.sendbuffer.samples.tls;

import org.jspecify.annotations.NullMarked;

/** Sessions over TLS, against clients of the JDK and of OpenSSL. */
@NullMarked
package io.sendbuffer.session.tls;

import org.jspecify.annotations.NullMarked;

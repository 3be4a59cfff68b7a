/** What every kind of session keeps: each test runs for each {@link io.sendbuffer.session.SessionKind}. */
@NullMarked
package io.sendbuffer.session.contract;

import org.jspecify.annotations.NullMarked;

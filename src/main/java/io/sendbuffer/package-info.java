/** Core. */
@NullMarked
package io.sendbuffer;

import org.jspecify.annotations.NullMarked;

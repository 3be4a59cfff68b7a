/** What the runnable samples share. */
@NullMarked
package io.sendbuffer.samples;

import org.jspecify.annotations.NullMarked;

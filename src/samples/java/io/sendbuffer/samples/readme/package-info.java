/** The examples of the README, compiled and run by a test that compares them with its text. */
@NullMarked
package io.sendbuffer.samples.readme;

import org.jspecify.annotations.NullMarked;

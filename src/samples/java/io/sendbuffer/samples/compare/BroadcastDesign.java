package io.sendbuffer.samples.compare;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/** One way of sending each message to every client. Used by one thread. */
interface BroadcastDesign extends AutoCloseable {
    String name();

    /** Takes the clients' sockets over. */
    void open(List<SocketChannel> clients) throws IOException;

    /** Sends a message to every client, or queues it until the tick ends. */
    void publish(byte[] message) throws IOException;

    /** Ends a tick: what was published since the last one is to be written now. */
    void endTick() throws IOException;

    /** The bytes that wait for the slowest client, after another try to write them. */
    long backlogBytes() throws IOException;

    /** Bytes that were copied in user space since the design was opened, the JDK's own copies included. */
    long copiedBytes();

    /** The names of the threads that send for this design, besides the publisher's. */
    List<String> helperThreads();

    /** Buffers that were not given back; 0 for a design that has none. */
    long outstandingBuffers();

    @Override
    void close() throws IOException;
}

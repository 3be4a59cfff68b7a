/** Write a message once into off-heap memory and send the same bytes to many clients. */
module io.sendbuffer {
    requires transitive org.agrona;
    requires static org.jspecify;

    exports io.sendbuffer;
    exports io.sendbuffer.session;
}

// A server that sends to all its clients what a publisher sends to it: started with the clients' port, the publisher's,
// and the level of compression, 0 for none. The publisher sends, for each tick, the number of messages and the size of
// each (32 bits, big-endian), then the messages.
'use strict';

const net = require('net');
const path = require('path');

function findWs() {
  try {
    return require('ws');
  } catch (e) {
    return require(path.resolve('target/node/node_modules/ws'));
  }
}

const WebSocket = findWs();
const [port, publisherPort, level] = process.argv.slice(1).map(Number);
const perMessageDeflate = level > 0 && { threshold: 0, zlibDeflateOptions: { level } };
const clients = new WebSocket.Server({ host: '127.0.0.1', port, backlog: 4096, perMessageDeflate });

// As the guide of ws does it, but that each socket is written once for a tick.
function send(messages) {
  clients.clients.forEach((client) => {
    if (client.readyState === WebSocket.OPEN) {
      client._socket.cork();
      for (const message of messages) {
        client.send(message, { binary: false });
      }
      client._socket.uncork();
    }
  });
}

const HEAD = 8;

net.createServer((publisher) => {
  let rest = Buffer.alloc(0);
  publisher.on('data', (received) => {
    let bytes = rest.length === 0 ? received : Buffer.concat([rest, received]);
    while (bytes.length >= HEAD) {
      const count = bytes.readInt32BE(0);
      const size = bytes.readInt32BE(4);
      const end = HEAD + count * size;
      if (bytes.length < end) {
        break;
      }
      const messages = [];
      for (let at = HEAD; at < end; at += size) {
        messages.push(bytes.subarray(at, at + size));
      }
      send(messages);
      bytes = bytes.subarray(end);
    }
    rest = bytes;
  });
}).listen(publisherPort, '127.0.0.1');

// A server that sends to all its clients what a publisher sends to it: started with the clients' port, the publisher's,
// and "message" or "tick". The publisher sends, for each tick, the number of messages and the size of each (32 bits,
// big-endian), then the messages.
'use strict';

const net = require('net');
const WebSocket = require('ws');

const [port, publisherPort, form] = process.argv.slice(1);
const clients = new WebSocket.Server({ host: '127.0.0.1', port: Number(port), backlog: 4096 });

// As the guide of ws does it.
function sendMessages(messages) {
  for (const message of messages) {
    clients.clients.forEach((client) => {
      if (client.readyState === WebSocket.OPEN) {
        client.send(message, { binary: true });
      }
    });
  }
}

// Each frame is made once, and each socket written once for all of them.
function sendTick(messages) {
  const options = { fin: true, opcode: 2, mask: false, rsv1: false, readOnly: true };
  const tick = Buffer.concat(messages.flatMap((message) => WebSocket.Sender.frame(message, options)));
  clients.clients.forEach((client) => {
    if (client.readyState === WebSocket.OPEN) {
      client._socket.write(tick);
    }
  });
}

const HEAD = 8;
const send = form === 'tick' ? sendTick : sendMessages;

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
}).listen(Number(publisherPort), '127.0.0.1');

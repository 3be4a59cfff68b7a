/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.live;

/** The page. */
final class Page {
    static final String HTML = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>sendbuffer live</title>
            <style>
              body { font: 15px system-ui, sans-serif; margin: 1rem auto; max-width: 62rem; padding: 0 1rem;
                     background: #fff; color: #223 }
              main { display: flex; flex-wrap: wrap; gap: 1.5rem }
              #world { width: 30rem; max-width: 100%; border: 1px solid #99a; background: #f7f8fb }
              #plots { flex: 1; min-width: 17rem }
              figure { margin: 0 0 .7rem }
              figcaption { display: flex; justify-content: space-between }
              figure canvas { width: 100%; height: 3rem; border-bottom: 1px solid #99a }
              button { font: inherit; padding: .3rem .8rem }
              b { font-variant-numeric: tabular-nums }
            </style>
            <h1>30 updates a second</h1>
            <p>By <b id="by">…</b>: tick <b id="tick">0</b>, <b id="gaps">0</b> missed, <b id="rate">0</b>/s.
              <button id="slow" aria-pressed="false">Open a slow client</button> <span id="slowState"></span></p>
            <main>
              <canvas id="world" width="1000" height="1000" aria-label="moving objects"></canvas>
              <div id="plots"></div>
            </main>
            <script>
            const $ = id => document.getElementById(id);
            const plots = {};
            const PLOTS = { sessions: 'clients', messages: 'messages/s', queued: 'longest queue, bytes',
                            dropped: 'messages dropped at slow clients', lateMicros: 'latest tick, µs late',
                            pool: 'messages in memory, bytes' };
            for (const [key, label] of Object.entries(PLOTS)) {
              const figure = document.createElement('figure');
              figure.innerHTML = '<figcaption>' + label + '<b></b></figcaption><canvas width="400" height="60"></canvas>';
              $('plots').append(figure);
              plots[key] = { value: figure.querySelector('b'), canvas: figure.querySelector('canvas'), points: [] };
            }
            function plot(stats) {
              for (const [key, { value, canvas, points }] of Object.entries(plots)) {
                value.textContent = stats[key].toLocaleString('en');
                points.push(stats[key]);
                if (points.length > 100) points.shift();
                const most = Math.max(1, ...points), c = canvas.getContext('2d');
                c.clearRect(0, 0, 400, 60);
                c.strokeStyle = '#2457c5';
                c.lineWidth = 2;
                c.beginPath();
                points.forEach((p, i) => c.lineTo(i * 4, 57 - 54 * p / most));
                c.stroke();
              }
            }
            let last = 0, gaps = 0, count = 0, newest = null;
            function onMessage(text) {
              const message = JSON.parse(text);
              if (message.tick === undefined) { plot(message); return; }
              if (last && message.tick !== last + 1) gaps += Math.max(0, message.tick - last - 1);
              last = message.tick;
              count++;
              newest = message.at;
            }
            function draw() {
              if (newest) {
                const c = $('world').getContext('2d');
                c.clearRect(0, 0, 1000, 1000);
                for (let i = 0; i < newest.length; i += 2) {
                  c.fillStyle = 'hsl(' + i * 7 % 360 + ' 65% 45%)';
                  c.beginPath();
                  c.arc(newest[i], newest[i + 1], 12, 0, 7);
                  c.fill();
                }
                $('tick').textContent = last;
                $('gaps').textContent = gaps;
              }
              requestAnimationFrame(draw);
            }
            requestAnimationFrame(draw);
            setInterval(() => { $('rate').textContent = count; count = 0; }, 1000);

            function byEvents() {
              $('by').textContent = 'server-sent events';
              new EventSource('/events').onmessage = event => onMessage(event.data);
            }
            function byWebSocket() {
              const socket = new WebSocket(location.href.replace('http', 'ws').replace(/[?#].*/, '') + 'ws');
              let opened = false;
              socket.onopen = () => { opened = true; $('by').textContent = 'WebSocket ' + socket.extensions; };
              socket.onmessage = event => onMessage(event.data);
              socket.onclose = () => { last = 0; opened ? setTimeout(byWebSocket, 1000) : byEvents(); };
            }
            'WebSocket' in window && location.hash !== '#events' ? byWebSocket() : byEvents();

            // A client that asks for more than it reads: its queue fills, and it misses what is oldest.
            let slow = null;
            $('slow').onclick = async () => {
              if (slow) { slow.abort(); slow = null; }
              else {
                slow = new AbortController();
                fetch('/events?bulk', { signal: slow.signal }).then(answer => { slow && (slow.unread = answer.body); }, () => {});
              }
              $('slow').textContent = slow ? 'Close the slow client' : 'Open a slow client';
              $('slow').setAttribute('aria-pressed', String(!!slow));
              $('slowState').textContent = slow ? 'It reads nothing: its queue grows, and then it misses what is oldest. You miss nothing.' : '';
            };
            </script>
            </html>
            """;

    private Page() {}
}

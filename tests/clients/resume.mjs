// Follows orders with graphql-ws, whose connection is cut after every third event: node resume.mjs URL TOKEN COUNT.
// It says "following" when it has begun and "cut" each time, and prints the numbers it has heard of.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, count] = process.argv.slice(2);
let socket;
let connections = 0;
const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 50,
  retryWait: async () => {},
  on: {
    connected: (opened) => {
      socket = opened;
      connections += 1;
    },
  },
});

const heard = [];
const cursors = new Set();
const { data } = await client.iterate({ query: '{ events(first: 1) { latestCursor } }' }).next().then(({ value }) => value);
const variables = { after: data.events.latestCursor };
const query = `subscription Follow($after: String) {
  events(after: $after, types: [ORDER_CONFIRMED]) { cursor subject { ... on Order { reference status } } }
}`;
console.log('following');
for await (const { data, errors } of client.iterate({ query, variables })) {
  if (errors) throw new Error(JSON.stringify(errors));
  if (!cursors.has(data.events.cursor)) heard.push(data.events.subject); // each comes at least once
  cursors.add(data.events.cursor);
  variables.after = data.events.cursor; // what is sent when it connects again
  if (heard.length === Number(count)) break;
  if (heard.length % 3 === 0) {
    socket.terminate();
    console.log('cut');
  }
}
await client.dispose();
console.log(JSON.stringify({ heard, connections }));

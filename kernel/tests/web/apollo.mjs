// A client that sends hashes first: node apollo.mjs URL TOKEN. Prints what it sent, and what it read.
import { createHash } from 'node:crypto';
import { ApolloClient, InMemoryCache, HttpLink, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';

const [uri, token] = process.argv.slice(2);
const sent = [];
const noting = async (address, options) => {
  const body = options.body ? JSON.parse(options.body) : {};
  const answer = await fetch(address, options);
  sent.push({ method: options.method, query: 'query' in body, status: answer.status });
  return answer;
};
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const http = new HttpLink({ uri, fetch: noting, headers: { authorization: `Bearer ${token}` } });
const client = (useGETForHashedQueries) =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(http),
  });

const query = gql`query WhoAmI { me { tenant kind } }`;
const mutation = gql`mutation Log($key: String!, $value: String!) { settingSet(key: $key, value: $value) { key } }`;
const read = [];
for (const byGet of [false, false, true]) {
  read.push((await client(byGet).query({ query })).data.me);
}
const variables = { key: 'kernel.timezone', value: 'Asia/Shanghai' };
const written = (await client(true).mutate({ mutation, variables })).data.settingSet;
console.log(JSON.stringify({ sent, read, written }));

// What a shop asks for over HTTP, with graphql-request: node requests.mjs URL TOKEN. Prints what it was answered.
import { ClientError, GraphQLClient, gql } from 'graphql-request';

const [url, token] = process.argv.slice(2);
const client = new GraphQLClient(url, { headers: { Authorization: `Bearer ${token}` } });

const create = gql`
  mutation Create($input: OrderCreateInput!) {
    orderCreate(input: $input) { order { id number reference } refusals { code } }
  }
`;
const order = (reference) => ({
  input: { customer: { code: 'C1' }, currency: 'EUR', reference, lines: [{ sku: 'A1', quantity: '2' }] },
});
const first = await client.rawRequest(create, order('js-0'), { 'Idempotency-Key': 'js-0' });
const again = await client.rawRequest(create, order('js-0'), { 'Idempotency-Key': 'js-0' });
for (let number = 1; number < 7; number++) {
  await client.request(create, order(`js-${number}`), { 'Idempotency-Key': `js-${number}` });
}

const page = gql`
  query Page($after: String) {
    orders(first: 2, after: $after, filter: { reference: { startsWith: "js-" } }, orderBy: [REFERENCE_ASC]) {
      nodes { reference total { amount currency } customer { code } }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`;
const pages = [];
for (let after = null, more = true; more; ) {
  const { orders } = await client.request(page, { after });
  pages.push(orders);
  ({ hasNextPage: more, endCursor: after } = orders.pageInfo);
}

const errors = {};
for (const [name, document, variables, asked] of [
  ['unknown field', '{ nothing }', {}, client],
  ['wrong type', create, { input: { lines: 7 } }, client],
  ['no such order', 'mutation ($id: ID!) { orderConfirm(id: $id) { order { id } } }', { id: 'x' }, client],
  ['no key', 'mutation { contactAdd(customer: { code: "C1" }, input: { name: "A" }) { contact { id } } }', {}, client],
  ['no token', '{ me { name } }', {}, new GraphQLClient(url, { headers: { Authorization: 'Bearer x.y.z' } })],
]) {
  try {
    await asked.request(document, variables);
  } catch (problem) {
    if (!(problem instanceof ClientError)) throw problem;
    errors[name] = problem.response.errors[0].extensions.code;
  }
}
console.log(JSON.stringify({ first: first.data, again: again.data, extensions: again.extensions, pages, errors }));

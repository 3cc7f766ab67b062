// Generates code as graphql-codegen does, in this process: node generate.mjs CODEGEN_JSON. Prints which files it wrote.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import { parse } from 'graphql';

const path = process.argv[2];
const beside = (name) => join(dirname(path), name);
const read = (name) => parse(readFileSync(beside(name), 'utf8'));
const { schema, documents, generates } = JSON.parse(readFileSync(path, 'utf8'));

for (const [filename, { plugins, config }] of Object.entries(generates)) {
  const pluginMap = {};
  for (const name of plugins) pluginMap[name] = await import(`@graphql-codegen/${name}`);
  const code = await codegen({
    schema: read(schema),
    documents: [{ location: documents, document: read(documents) }],
    filename,
    config,
    plugins: plugins.map((name) => ({ [name]: {} })),
    pluginMap,
  });
  writeFileSync(beside(filename), code);
}
console.log(JSON.stringify({ written: Object.keys(generates) }));

// Compiles and runs TypeScript: node compile.mjs FILE ARGUMENTS…  Prints what the compiler says, and what the program says.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [file, ...rest] = process.argv.slice(2);
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const options = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
const run = (...command) => spawnSync(process.execPath, command, { cwd: dirname(file), encoding: 'utf8' });

const compiled = run(compiler, ...options, file);
const ran = compiled.status === 0 ? run(file.replace(/\.ts$/, '.js'), ...rest) : { stdout: '', stderr: '' };
console.log(JSON.stringify({ complaints: compiled.stdout, said: ran.stdout, failed: ran.stderr }));

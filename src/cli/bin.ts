#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from './main.ts';
import { processTerminal } from './terminal.ts';

// A long journal leaves much garbage, and by itself the engine lets it grow to three times what is in use.
// Newer engines may not know the flag, and would say so.
if (Number.parseInt(process.versions.node, 10) <= 24) {
  setFlagsFromString('--heap-growing-percent=60');
}
process.exitCode = await main(process.argv.slice(2), processTerminal());

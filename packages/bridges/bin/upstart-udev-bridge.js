#!/usr/bin/env node
require('./upstart-bridge.js');

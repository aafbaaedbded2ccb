#!/usr/bin/env node
require('./initctl.js');

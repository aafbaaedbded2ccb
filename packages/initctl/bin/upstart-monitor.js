#!/usr/bin/env node
import './initctl.js';

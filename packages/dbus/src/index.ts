export type { JobCommand, PeerCredentials, UpstartModel } from './model.js';

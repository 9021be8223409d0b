import { serverScenarios } from './scenarios/servers.ts';
import { surviveAll } from './survive.ts';

surviveAll(serverScenarios);

import { processScenarios } from './scenarios/processes.ts';
import { surviveAll } from './survive.ts';

surviveAll(processScenarios);

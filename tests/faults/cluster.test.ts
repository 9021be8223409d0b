import { clusterScenarios } from './scenarios/cluster.ts';
import { surviveAll } from './survive.ts';

surviveAll(clusterScenarios);

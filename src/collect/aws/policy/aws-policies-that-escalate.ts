/**
 * Of AWS's own policies those that give the right to take every right, as this reader judges their documents (state of March
 * 2026: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html). Those of `aws-service-role/` are
 * not here: nobody attaches them. What is attached by a condition that leaves one of these, or stands as a boundary, bounds nothing.
 */
const names: readonly string[] = [
  'AWSAppRunnerFullAccess',
  'AWSCodePipeline_FullAccess',
  'AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy',
  'AWSLambda_FullAccess',
  'AWSMarketplaceFullAccess',
  'AWSMcpServiceActionsFullAccess',
  'AWSRoboMakerServiceRolePolicy',
  'AWSServiceCatalogAdminFullAccess',
  'AccountManagementFromVercel',
  'AdministratorAccess',
  'AdministratorAccess-AWSElasticBeanstalk',
  'AdministratorAccess-Amplify',
  'AmazonDynamoDBFullAccess',
  'AmazonDynamoDBFullAccesswithDataPipeline',
  'AmazonECS_FullAccess',
  'AmazonEKSComputePolicy',
  'AmazonESCognitoAccess',
  'AmazonElasticMapReduceFullAccess',
  'AmazonEventBridgeFullAccess',
  'AmazonEventBridgeSchedulerFullAccess',
  'AmazonOmicsFullAccess',
  'AmazonOpenSearchServiceCognitoAccess',
  'AmazonRedshiftAllCommandsFullAccess',
  'AmazonSageMakerCanvasDataPrepFullAccess',
  'AmazonSageMakerCanvasFullAccess',
  'AmazonSageMakerFullAccess',
  'AmazonSageMakerPipelinesIntegrations',
  'CloudWatchEventsFullAccess',
  'EC2FastLaunchFullAccess',
  'IAMFullAccess',
  'SageMakerStudioAdminIAMDefaultExecutionPolicy',
  'SageMakerStudioAdminIAMPermissiveExecutionPolicy',
  'job-function/DataScientist',
  'service-role/AWSBackupServiceRolePolicyForRestores',
  'service-role/AWSBatchServiceRole',
  'service-role/AWSCodeStarServiceRole',
  'service-role/AWSDeepLensServiceRolePolicy',
  'service-role/AWSElasticBeanstalkService',
  'service-role/AWSFaultInjectionSimulatorSSMAccess',
  'service-role/AmazonEC2ContainerServiceEventsRole',
  'service-role/AmazonEC2SpotFleetTaggingRole',
  'service-role/AmazonElasticMapReduceRole',
  'service-role/ServerMigrationServiceLaunchRole',
]

/** One that has none of these names stands for those that AWS makes tomorrow: who leaves any of them to be chosen leaves it. */
const someOfEachPath = ['', 'job-function/', 'service-role/'].map((path) => `${path}zq7x-some-policy`)

export function awsPoliciesThatEscalate(partition: string): string[] {
  return [...names, ...someOfEachPath].map((name) => `arn:${partition}:iam::aws:policy/${name}`)
}

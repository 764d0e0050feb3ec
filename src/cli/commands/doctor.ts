import { type Command, defineCommand } from '../define-command.ts'

export const doctor: Command = defineCommand({
  name: 'doctor',
  title: 'Are credentials, permissions, settings and database in order?',
  about: `Looks at each thing that a scan needs and says what to fix. It asks AWS who each connection is and which regions it has; of permissions it tells those that were denied when they were last used. It changes nothing. Ends with 1 if there is a problem.`,
  json: true,
  examples: [
    ['stance doctor', 'All of it'],
    ['AWS_PROFILE=audit stance doctor', 'With a profile'],
  ],
  exits: {
    0: 'no problem; there may be warnings, and what could not be tried',
    1: 'at least one problem',
  },
  async run(context) {
    const { doctorCommand } = await import('../print-doctor.ts')
    return doctorCommand(context)
  },
})

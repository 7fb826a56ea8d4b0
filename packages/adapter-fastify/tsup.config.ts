import { library } from '../../.ci/tsup.ts'

export default library(['src/index.ts'])

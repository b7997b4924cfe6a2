/** Each defect of the cluster, on Argo CD by Helm. */
import { injectEach } from './installed.ts'

injectEach('helm-install')

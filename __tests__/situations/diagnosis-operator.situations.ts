/** Each defect of the cluster, on Argo CD by the operator. */
import { injectEach } from './installed.ts'

injectEach('operator-install')

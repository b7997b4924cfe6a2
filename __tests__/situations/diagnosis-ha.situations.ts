/** Each defect of the cluster, on Argo CD with several repo-servers. */
import { injectEach } from './installed.ts'

injectEach('ha-install')

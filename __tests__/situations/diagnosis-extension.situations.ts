/** Each defect of the cluster, on Argo CD by the AKS extension, which takes its time to apply what is written. */
import { injectEach } from './installed.ts'

injectEach('extension-install', 5)

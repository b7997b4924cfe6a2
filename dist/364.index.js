const D=364,I=[364],P={364:((C,p,d)=>{d.r(p),d.d(p,{helpOf:()=>_});var h=d(2419),s=d(8253);const $=80,m={options:"the options of all modes",environment:"the environment variables that count","exit-codes":"what 0, 1 and 2 mean"},T={target:"Cluster and identity",repository:"Repository",argocd:"Argo CD and verification",run:"Run",login:"Login"};function _(e){return{options:[],words:[...s.FN,...Object.keys(e),...Object.keys(m)],async run({word:t},{print:n}){return n(await R(t,e)),0}}}async function R(e,t){const n=s.FN.find(f=>f===e);if(n!==void 0)return v(n);if(e==="options")return`The options of all modes; patless help <mode> has those of one.

${E([...s.KZ,...s.p7])}`;if(e==="environment")return b();if(e==="exit-codes")return y();const o=e===void 0||e==="help"?void 0:t[e];if(!o||e===void 0)return A(t);const{options:i,words:r}=await o.load(),a=`${r?` <${r.join(" | ")}>`:""}${i.length>0?" [options]":""}`;return`${c(`patless ${e} ${o.summary}.`)}

Usage: patless ${e}${a}

${u([...i,...s.Sq])}`}function A(e){const t=s.FN.map(o=>[o,(0,s.YG)(o)]),n=Object.entries(e).map(([o,{summary:i}])=>[o,i]);return`Patless: token-free read access for Argo CD to private Azure Repos: set up,
verified and maintained.

Usage: patless <subcommand> --cluster NAME --repository-url URL [options]

Subcommands
${l([...t,...n])}

Topics of patless help, which also takes a subcommand
${l(Object.entries(m))}

Options
${u([...s.p7,...s.Sq])}

${c("Without a subcommand, --mode decides, and its default is apply. The required options are --cluster and, except for audit, --repository-url.")}

${g}`}function v(e){const t=(0,s.cz)(e),n=t.filter(o=>o.required).map(({name:o})=>` --${o} \u2026`);return`${c(`patless ${e} ${(0,s.YG)(e)}.`)}

Usage: patless ${e}${n.join("")} [options]

${E(t)}

${g}`}const g="Exit codes: 0 in order, 1 error, 2 drift.";function y(){return`Exit codes

${l([["0","Everything is in order, or was put in order; a dry run that found no obstacle; help."],["1","An error: invalid options, a failure, a missing permission, not verified, cancelled."],["2","Drift, found by a check, or a stored credential, found by an audit. With --no-fail-on-drift or --no-fail-on-stored-credentials the code is 0."]])}

${c("A log that nobody reads (patless \u2026 | head) changes no exit code. The report has the same number (verdict.exitCode), and the ids of all findings.")}`}function b(){return`Environment variables

${l([["AZURE_SUBSCRIPTION_ID","The subscription, when --subscription-id is left out."],["AZURE_CLIENT_ID, AZURE_TENANT_ID","A login of the environment, with a federated token file, when az is not logged in."],["AZURE_CONFIG_DIR","The folder of az with its login."],["GH_TOKEN","For setup: a token that may read the repository on GitHub (gh auth token)."],["HTTPS_PROXY, NO_PROXY","The proxy."],["NODE_EXTRA_CA_CERTS","Additional certificate authorities, as Node reads them."],["PATLESS_DEBUG=1","Also print every request."],["NO_COLOR=1, FORCE_COLOR=1","Colors off, or on; otherwise a stream has them if it is a terminal."],["RUNNER_TEMP, TMPDIR","The folder for the report."]])}`}const N=new RegExp(`(?<![\\w-])(?:${h.mc.flatMap(({name:e})=>e.includes("-")?[e]:[]).join("|")})(?![\\w-])`,"g");function E(e){const t=i=>h.mc.find(r=>r.name===i)?.group,n=Object.entries(T).flatMap(([i,r])=>{const a=e.filter(({name:f})=>t(f)===i);return a.length===0?[]:[`${r}
${u(a)}`]}),o=e.filter(({name:i})=>t(i)===void 0);return[...n,`Terminal
${u([...o,...s.Sq])}`].join(`

`)}function u(e){return l(e.map(t=>[`--${t.name}`,j(t)]))}function j({description:e,required:t,choices:n,default:o}){const i=[t?"required":"",n?n.join(" | "):"",o===void 0?"":`default ${o}`].filter(a=>a!=="");return`${e.replaceAll(N,"--$&")}${i.length===0?"":` [${i.join("; ")}]`}`}function l(e){const t=Math.min(26,Math.max(...e.map(([n])=>n.length))+2);return e.map(([n,o])=>{const i=O(o,$-t-2).map(r=>`${" ".repeat(t+2)}${r}`);return n.length+2>t?[`  ${n}`,...i].join(`
`):[`  ${n.padEnd(t)}${(i[0]??"").trimStart()}`,...i.slice(1)].join(`
`)}).join(`
`)}function c(e){return O(e,$).join(`
`)}function O(e,t){const n=[""];for(const o of e.split(" ")){const i=n.at(-1)??"";i===""?n[n.length-1]=o:i.length+1+o.length<=t?n[n.length-1]=`${i} ${o}`:n.push(o)}return n}})};export{D as id,I as ids,P as modules};

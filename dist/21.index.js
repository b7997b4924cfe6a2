const D=21,S=[21],x={5402:((_,y,b)=>{b.d(y,{markdownOf:()=>k});const h={unchanged:"\u2705",created:"\u{1F195}",updated:"\u270F\uFE0F",removed:"\u{1F5D1}\uFE0F",drifted:"\u26A0\uFE0F",missing:"\u26A0\uFE0F",unknown:"\u2754",failed:"\u274C",skipped:"\u23ED\uFE0F"};function k(e,r){const{verdict:n,mode:o,target:i,proofs:d,hops:a,durationMs:t}=e;return`${[`## ${n.exitCode===0?"\u2705":n.exitCode===2?"\u26A0\uFE0F":"\u274C"} Patless ${o}: ${c(n.text)}`,`Argo CD on **${c(i.cluster)}** \u2192 ${i.repositories.map(s=>p(s)).join(", ")}, as ${p(i.identity)}.`,g(["Hop","Result","What","Expected","Found","Remedy"],a.flatMap(s=>w(s,o))),j(e),n.problems.length===0?"":v(e),A(e),r==="mermaid"?u("The chain",`\`\`\`mermaid
${O(e)}
\`\`\``):"",u("Durations",g(["Part","From (ms)","Took (ms)"],[...a.map(({hop:s,start:f,end:$})=>[s,String(f),String($-f)]),...Object.entries(d).map(([s,{start:f,end:$}])=>[`proof: ${s}`,String(f),String($-f)]),["**whole run**","0",String(t)]]))].filter(s=>s!=="").join(`

`)}
`}function w({hop:e,result:r,changes:n,summary:o,problem:i},d){const a=[`**${e}**`,`${h[r]}&nbsp;${r}`];return n.length===0?[[...a,c(o??i?.what??""),"","",c(i?.remedy??"")]]:n.map(({field:t,expected:l,found:m,blocked:s},f)=>[...f===0?a:["",""],c(t),p(l),m===void 0?"\u2013":p(m),c(s?.remedy??i?.remedy??(d==="apply"?"":"run `mode: apply`"))])}function j({proof:e}){const r={verified:"\u2705",failed:"\u274C",pending:"\u23F3",skipped:"\u23ED\uFE0F"}[e.verification],n=Object.entries(e.commits).map(([o,i])=>`${p(o)} at ${p(i.slice(0,12))}`);return`**Proof:** ${r} ${e.verification}: ${c(e.reason)}${n.length===0?"":`. Read ${n.join(", ")}.`}`}function v({verdict:e}){return`### What needs you

${e.problems.map(({hop:n,what:o,expected:i,found:d,remedy:a,link:t})=>[`- **${n??"run"}**: ${c(o)}`,i===void 0?"":`  - expected ${p(i)}, found ${p(d??"nothing")}`,`  - remedy: ${c(a)}${t===void 0?"":` ([why](${t}))`}`].filter(l=>l!=="").join(`
`)).join(`
`)}`}function A({hops:e}){const r=e.flatMap(({hop:n,notes:o})=>o.map(({what:i,remedy:d,link:a})=>{const t=a===void 0?"":` ([why](${a}))`,[l="",...m]=d.split(`
`),s=m.length===0?"":`

  \`\`\`yaml
${m.map(f=>`  ${f}`).join(`
`)}
  \`\`\``;return`- **${n}**: ${c(i)} ${c(l)}${t}${s}`}));return r.length===0?"":u(`Notes (${r.length})`,r.join(`
`))}function O({hops:e,proofs:r}){const n=t=>e.find(({hop:l})=>l===t)?.result??"unknown",o=[["cluster","cluster","AKS cluster<br/>OIDC issuer"],["identity","identity","managed identity"],["argocd","argocd","argocd-repo-server"],["credential","federated-credential","federated credential"],["member","entitlement","organization member<br/>Basic"],["reader","permission","may read"],["pods","workload","pods carry the identity"],["secret","connection","repository Secret<br/>no password"],...e.some(({hop:t})=>t==="application")?[["app","application","Application"]]:[]],{access:i={verification:"skipped"},argocd:d}=r,a=t=>["unchanged","created","updated","verified"].includes(t)?"good":["drifted","missing","pending"].includes(t)?"warn":t==="failed"?"bad":"grey";return["flowchart LR",...o.map(([t,l,m])=>`  ${t}["${m}<br/><i>${n(l)}</i>"]:::${a(n(l))}`),`  proof(["proof by access: ${i.verification}"]):::${a(i.verification)}`,...d?[`  seen(["proof by Argo CD: ${d.verification}"]):::${a(d.verification)}`,"  secret --> seen"]:[],"  cluster --> credential --> identity --> member --> reader --> proof","  argocd --> credential","  argocd --> pods --> secret","  identity --> pods","  proof --> secret",...e.some(({hop:t})=>t==="application")?["  secret --> app"]:[],"  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328","  classDef warn fill:#fff8c5,stroke:#9a6700,color:#1f2328","  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328","  classDef grey fill:#f6f8fa,stroke:#57606a,color:#1f2328"].join(`
`)}function g(e,r){const n=o=>`| ${o.join(" | ")} |`;return[n(e),n(e.map(()=>"---")),...r.map(n)].join(`
`)}function u(e,r){return`<details><summary>${e}</summary>

${r}

</details>`}function c(e){return e.replaceAll("&","&amp;").replaceAll("<","&lt;").replaceAll(/[|*~[\]]/g,r=>`&#${r.charCodeAt(0)};`).replaceAll(/[\r\n]+/g,"<br/>")}function p(e){return`<code>${c(e)}</code>`}})};export{D as id,S as ids,x as modules};

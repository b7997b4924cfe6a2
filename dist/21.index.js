const x=21,C=[21],P={5402:((D,y,b)=>{b.d(y,{markdownOf:()=>k});const h={unchanged:"\u2705",created:"\u{1F195}",updated:"\u270F\uFE0F",removed:"\u{1F5D1}\uFE0F",drifted:"\u26A0\uFE0F",missing:"\u26A0\uFE0F",unknown:"\u2754",failed:"\u274C",skipped:"\u23ED\uFE0F"};function k(e,r){const{verdict:n,mode:i,target:o,proofs:a,hops:c,durationMs:t}=e;return`${[`## ${n.exitCode===0?"\u2705":n.exitCode===2?"\u26A0\uFE0F":"\u274C"} Patless ${i}: ${d(n.text)}`,`Argo CD on **${d(o.cluster)}** \u2192 ${o.repositories.map(s=>p(s)).join(", ")}, as ${p(o.identity)}.`,g(["Hop","Result","Expected","Found","Remedy"],c.flatMap(s=>w(s,i))),v(e),n.problems.length===0?"":A(e),O(e),r==="mermaid"?$("The chain",`\`\`\`mermaid
${_(e)}
\`\`\``):"",$("Durations",g(["Part","From (ms)","Took (ms)"],[...c.map(({hop:s,start:f,end:u})=>[s,String(f),String(u-f)]),...Object.entries(a).map(([s,{start:f,end:u}])=>[`proof: ${s}`,String(f),String(u-f)]),["**whole run**","0",String(t)]]))].filter(s=>s!=="").join(`

`)}
`}function w({hop:e,result:r,changes:n,summary:i,problem:o},a){const c=[`**${e}**`,`${h[r]}&nbsp;${r}`];return n.length===0?[[...c,"",d(i??o?.what??""),d(o?.remedy??"")]]:n.map(({field:t,expected:l,found:m,blocked:s},f)=>[...f===0?c:["",""],`${d(t)}:<br/>${p(l)}`,m===void 0?"\u2013":p(m),d(s?.remedy??o?.remedy??(a==="check"&&f===0?j:""))])}const j="run mode: apply";function v({proof:e}){const r={verified:"\u2705",failed:"\u274C",pending:"\u23F3",skipped:"\u23ED\uFE0F"}[e.verification],n=Object.entries(e.commits).map(([i,o])=>`${p(i)} at ${p(o.slice(0,12))}`);return`**Proof:** ${r} ${e.verification}: ${d(e.reason)}${n.length===0?"":`. Read ${n.join(", ")}.`}`}function A({verdict:e}){return`### What needs you

${e.problems.map(({hop:n,what:i,expected:o,found:a,remedy:c,link:t})=>[`- **${n??"run"}**: ${d(i)}`,o===void 0?"":`  - expected ${p(o)}, found ${p(a??"nothing")}`,`  - remedy: ${d(c)}${t===void 0?"":` ([why](${t}))`}`].filter(l=>l!=="").join(`
`)).join(`
`)}`}function O({hops:e,proofs:r}){const n=Object.entries(r).map(([o,{notes:a=[]}])=>({hop:`proof: ${o}`,notes:a})),i=[...e,...n].flatMap(({hop:o,notes:a})=>a.map(({what:c,remedy:t,link:l})=>{const m=l===void 0?"":` ([why](${l}))`,[s="",...f]=t.split(`
`),u=f.length===0?"":`

  \`\`\`yaml
${f.map(S=>`  ${S}`).join(`
`)}
  \`\`\``;return`- **${o}**: ${d(c)} ${d(s)}${m}${u}`}));return i.length===0?"":$(`Notes (${i.length})`,i.join(`
`))}function _({hops:e,proofs:r}){const n=t=>e.find(({hop:l})=>l===t)?.result??"unknown",i=[["cluster","cluster","AKS cluster<br/>OIDC issuer"],["identity","identity","managed identity"],["argocd","argocd","argocd-repo-server"],["credential","federated-credential","federated credential"],["member","entitlement","organization member<br/>Basic"],["reader","permission","may read"],["pods","workload","pods carry the identity"],["secret","connection","repository Secret<br/>no password"],...e.some(({hop:t})=>t==="application")?[["app","application","Application"]]:[]],{access:o={verification:"skipped"},argocd:a}=r,c=t=>["unchanged","created","updated","verified"].includes(t)?"good":["drifted","missing","pending"].includes(t)?"warn":t==="failed"?"bad":"grey";return["flowchart LR",...i.map(([t,l,m])=>`  ${t}["${m}<br/><i>${n(l)}</i>"]:::${c(n(l))}`),`  proof(["proof by access: ${o.verification}"]):::${c(o.verification)}`,...a?[`  seen(["proof by Argo CD: ${a.verification}"]):::${c(a.verification)}`,"  secret --> seen"]:[],"  cluster --> credential --> identity --> member --> reader --> proof","  argocd --> credential","  argocd --> pods --> secret","  identity --> pods","  proof --> secret",...e.some(({hop:t})=>t==="application")?["  secret --> app"]:[],"  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328","  classDef warn fill:#fff8c5,stroke:#9a6700,color:#1f2328","  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328","  classDef grey fill:#f6f8fa,stroke:#57606a,color:#1f2328"].join(`
`)}function g(e,r){const n=i=>`| ${i.join(" | ")} |`;return[n(e),n(e.map(()=>"---")),...r.map(n)].join(`
`)}function $(e,r){return`<details><summary>${e}</summary>

${r}

</details>`}function d(e){return e.replaceAll("&","&amp;").replaceAll("<","&lt;").replaceAll(/[|*~[\]`_]/g,r=>`&#${r.charCodeAt(0)};`).replaceAll(/\S{25,}/g,r=>r.replaceAll(/[/:.](?=[^/])/g,"$&<wbr>")).replaceAll(/[\r\n]+/g,"<br/>")}function p(e){return`<code>${d(e)}</code>`}})};export{x as id,C as ids,P as modules};

const D=21,x=[21],C={5402:((S,y,b)=>{b.d(y,{markdownOf:()=>k});const h={unchanged:"\u2705",created:"\u{1F195}",updated:"\u270F\uFE0F",removed:"\u{1F5D1}\uFE0F",drifted:"\u26A0\uFE0F",missing:"\u26A0\uFE0F",unknown:"\u2754",failed:"\u274C",skipped:"\u23ED\uFE0F"};function k(e,n){const{verdict:t,mode:o,target:i,proofs:d,hops:a,durationMs:r}=e;return`${[`## ${t.exitCode===0?"\u2705":t.exitCode===2?"\u26A0\uFE0F":"\u274C"} Patless ${o}: ${s(t.text)}`,`Argo CD on **${s(i.cluster)}** \u2192 ${i.repositories.map(c=>p(c)).join(", ")}, as ${p(i.identity)}.`,g(["Hop","Result","Expected","Found","Remedy"],a.flatMap(c=>w(c,o))),j(e),t.problems.length===0?"":v(e),O(e),n==="mermaid"?u("The chain",`\`\`\`mermaid
${_(e)}
\`\`\``):"",u("Durations",g(["Part","From (ms)","Took (ms)"],[...a.map(({hop:c,start:f,end:$})=>[c,String(f),String($-f)]),...Object.entries(d).map(([c,{start:f,end:$}])=>[`proof: ${c}`,String(f),String($-f)]),["**whole run**","0",String(r)]]))].filter(c=>c!=="").join(`

`)}
`}function w({hop:e,result:n,changes:t,summary:o,problem:i},d){const a=[`**${e}**`,`${h[n]}&nbsp;${n}`];return t.length===0?[[...a,"",s(o??i?.what??""),s(i?.remedy??"")]]:t.map(({field:r,expected:l,found:m,blocked:c},f)=>[...f===0?a:["",""],`${s(r)}:<br/>${p(l)}`,m===void 0?"\u2013":p(m),s(c?.remedy??i?.remedy??(d==="check"&&f===0?A:""))])}const A="run mode: apply";function j({proof:e}){const n={verified:"\u2705",failed:"\u274C",pending:"\u23F3",skipped:"\u23ED\uFE0F"}[e.verification],t=Object.entries(e.commits).map(([o,i])=>`${p(o)} at ${p(i.slice(0,12))}`);return`**Proof:** ${n} ${e.verification}: ${s(e.reason)}${t.length===0?"":`. Read ${t.join(", ")}.`}`}function v({verdict:e}){return`### What needs you

${e.problems.map(({hop:t,what:o,expected:i,found:d,remedy:a,link:r})=>[`- **${t??"run"}**: ${s(o)}`,i===void 0?"":`  - expected ${p(i)}, found ${p(d??"nothing")}`,`  - remedy: ${s(a)}${r===void 0?"":` ([why](${r}))`}`].filter(l=>l!=="").join(`
`)).join(`
`)}`}function O({hops:e}){const n=e.flatMap(({hop:t,notes:o})=>o.map(({what:i,remedy:d,link:a})=>{const r=a===void 0?"":` ([why](${a}))`,[l="",...m]=d.split(`
`),c=m.length===0?"":`

  \`\`\`yaml
${m.map(f=>`  ${f}`).join(`
`)}
  \`\`\``;return`- **${t}**: ${s(i)} ${s(l)}${r}${c}`}));return n.length===0?"":u(`Notes (${n.length})`,n.join(`
`))}function _({hops:e,proofs:n}){const t=r=>e.find(({hop:l})=>l===r)?.result??"unknown",o=[["cluster","cluster","AKS cluster<br/>OIDC issuer"],["identity","identity","managed identity"],["argocd","argocd","argocd-repo-server"],["credential","federated-credential","federated credential"],["member","entitlement","organization member<br/>Basic"],["reader","permission","may read"],["pods","workload","pods carry the identity"],["secret","connection","repository Secret<br/>no password"],...e.some(({hop:r})=>r==="application")?[["app","application","Application"]]:[]],{access:i={verification:"skipped"},argocd:d}=n,a=r=>["unchanged","created","updated","verified"].includes(r)?"good":["drifted","missing","pending"].includes(r)?"warn":r==="failed"?"bad":"grey";return["flowchart LR",...o.map(([r,l,m])=>`  ${r}["${m}<br/><i>${t(l)}</i>"]:::${a(t(l))}`),`  proof(["proof by access: ${i.verification}"]):::${a(i.verification)}`,...d?[`  seen(["proof by Argo CD: ${d.verification}"]):::${a(d.verification)}`,"  secret --> seen"]:[],"  cluster --> credential --> identity --> member --> reader --> proof","  argocd --> credential","  argocd --> pods --> secret","  identity --> pods","  proof --> secret",...e.some(({hop:r})=>r==="application")?["  secret --> app"]:[],"  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328","  classDef warn fill:#fff8c5,stroke:#9a6700,color:#1f2328","  classDef bad fill:#ffebe9,stroke:#cf222e,color:#1f2328","  classDef grey fill:#f6f8fa,stroke:#57606a,color:#1f2328"].join(`
`)}function g(e,n){const t=o=>`| ${o.join(" | ")} |`;return[t(e),t(e.map(()=>"---")),...n.map(t)].join(`
`)}function u(e,n){return`<details><summary>${e}</summary>

${n}

</details>`}function s(e){return e.replaceAll("&","&amp;").replaceAll("<","&lt;").replaceAll(/[|*~[\]`_]/g,n=>`&#${n.charCodeAt(0)};`).replaceAll(/\S{25,}/g,n=>n.replaceAll(/[/:.](?=[^/])/g,"$&<wbr>")).replaceAll(/[\r\n]+/g,"<br/>")}function p(e){return`<code>${s(e)}</code>`}})};export{D as id,x as ids,C as modules};

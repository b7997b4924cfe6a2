const v=888,w=[888],P={3593:(($,p,i)=>{i.d(p,{k:()=>a});class a{#e=new Set;add(l){l.length>=8&&this.#e.add(l)}of(l){let u=l;for(const E of this.#e)u=u.replaceAll(E,"***");return u}}}),9888:(($,p,i)=>{i.d(p,{terminalHost:()=>E});var a=i(7975),_=i(9110),l=i(4565),u=i(3593);function E(d,o){if(o.includes("--help")||o.includes("-h")){process.stdout.write(h());return}const n=new u.k,s=e=>n.of(x(e)),t=(e,r)=>{const f=s(e);process.stdout.write(`${r===void 0?f:(0,a.styleText)(r,f)}
`)},c=d.PATLESS_DEBUG==="1"||d.RUNNER_DEBUG==="1";return{environment:d,given:m(o),log:{info:e=>{t(e)},warning:e=>{t(e,"yellow")},debug:e=>{c&&t(`debug ${e}`,"gray")},progress:e=>{t(`\u2026 ${e}`,"gray")},group:async(e,r)=>(t(e,"bold"),r())},mask:e=>{n.add(e)},publish(e){const{verdict:r,outputs:f}=e;t("");for(const{hop:g,...b}of r.problems)t(`${g??"patless"}: ${(0,_.b6)(b)}`,r.exitCode===0?"yellow":"red");t("Outputs","bold");for(const[g,b]of Object.entries(f))t(`  ${g.padEnd(20)} ${b}`);return t(""),t(r.text,r.exitCode===0?"green":"red"),process.exitCode=r.exitCode,Promise.resolve()},refuse(e){process.stderr.write(`${(0,a.styleText)("red",s((0,_.b6)(e)))}
`),process.exitCode=1}}}function m(d){const{tokens:o}=(0,a.parseArgs)({args:[...d],strict:!1,tokens:!0,allowPositionals:!0}),n=new Map;let s;for(const t of o)if(t.kind==="option"){s=t.value===void 0?t.name:void 0;const c=t.value??"true",e=n.get(t.name);n.set(t.name,e===void 0?c:`${e}
${c}`)}else if(t.kind==="positional"){if(s===void 0)n.set(t.value,"");else{const c=n.get(s)?.split(`
`)??[];n.set(s,[...c.slice(0,-1),t.value].join(`
`))}s=void 0}return n}function x(d){return d.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,"")}function h(){return`Patless: token-free read access for Argo CD to private Azure Repos, built, proved and kept.

Usage: node dist/index.js --cluster NAME --repository-url URL [--mode check] [options]

${(0,l.pz)("elsewhere").map(o=>{const n=["required"in o?"required":"","choices"in o?o.choices.join(" | "):"","default"in o?`default ${o.default}`:""].filter(s=>s!=="");return`  --${o.name.padEnd(26)}${o.description}${n.length===0?"":` [${n.join("; ")}]`}
`}).join("")}
Exit codes: 0 in order, 1 error, 2 drift.
`}})};export{v as id,w as ids,P as modules};

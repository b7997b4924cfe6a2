const y=888,T=[888],h={3593:((g,c,l)=>{l.d(c,{k:()=>n});class n{#e=new Set;add(u){u.length>=8&&this.#e.add(u)}of(u){let a=u;for(const _ of this.#e)a=a.replaceAll(_,"***");return a}}}),9888:((g,c,l)=>{l.d(c,{terminalHost:()=>_});var n=l(7975),f=l(9110),u=l(4565),a=l(3593);function _(i,s){if(s.includes("--help")||s.includes("-h")){process.stdout.write($());return}const o=new a.k,t=e=>{process.stdout.write(`${o.of(E(e))}
`)},r=i.PATLESS_DEBUG==="1"||i.RUNNER_DEBUG==="1";return{environment:i,given:b(s),log:{info:t,warning:e=>{t((0,n.styleText)("yellow",e))},debug:e=>{r&&t((0,n.styleText)("gray",`debug ${e}`))},progress:e=>{t((0,n.styleText)("gray",`\u2026 ${e}`))},group:async(e,d)=>(t((0,n.styleText)("bold",e)),d())},mask:e=>{o.add(e)},publish(e){const{verdict:d,outputs:m}=e;t("");for(const{hop:p,...x}of d.problems)t((0,n.styleText)(d.exitCode===0?"yellow":"red",`${p??"patless"}: ${(0,f.b)(x)}`));t((0,n.styleText)("bold","Outputs"));for(const[p,x]of Object.entries(m))t(`  ${p.padEnd(20)} ${x}`);return t(""),t((0,n.styleText)(d.exitCode===0?"green":"red",d.text)),process.exitCode=d.exitCode,Promise.resolve()},refuse(e){process.stderr.write(`${(0,n.styleText)("red",o.of(E((0,f.b)(e))))}
`),process.exitCode=1}}}function b(i){const{tokens:s}=(0,n.parseArgs)({args:[...i],strict:!1,tokens:!0,allowPositionals:!0}),o=new Map;let t;for(const r of s)if(r.kind==="option"){t=r.value===void 0?r.name:void 0;const e=r.value??"true",d=o.get(r.name);o.set(r.name,d===void 0?e:`${d}
${e}`)}else if(r.kind==="positional"){if(t===void 0)o.set(r.value,"");else{const e=o.get(t)?.split(`
`)??[];o.set(t,[...e.slice(0,-1),r.value].join(`
`))}t=void 0}return o}function E(i){return i.replaceAll(/[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g,"")}function $(){return`Patless: token-free read access for Argo CD to private Azure Repos, built, proved and kept.

Usage: node dist/index.js --cluster NAME --repository-url URL [--mode check] [options]

${(0,u.pz)("elsewhere").map(s=>{const o=["required"in s?"required":"","choices"in s?s.choices.join(" | "):"","default"in s?`default ${s.default}`:""].filter(t=>t!=="");return`  --${s.name.padEnd(26)}${s.description}${o.length===0?"":` [${o.join("; ")}]`}
`}).join("")}
Exit codes: 0 in order, 1 error, 2 drift.
`}})};export{y as id,T as ids,h as modules};

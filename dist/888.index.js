const v=888,T=[888],h={3593:((g,a,l)=>{l.d(a,{k:()=>r});class r{#e=new Set;add(u){u.length>=8&&this.#e.add(u)}of(u){let c=u;for(const _ of this.#e)c=c.replaceAll(_,"***");return c}}}),9888:((g,a,l)=>{l.d(a,{terminalHost:()=>_});var r=l(7975),f=l(9110),u=l(4565),c=l(3593);function _(i,s){if(s.includes("--help")||s.includes("-h")){process.stdout.write($());return}const o=new c.k,e=t=>{process.stdout.write(`${o.of(x(t))}
`)},n=i.PATLESS_DEBUG==="1"||i.RUNNER_DEBUG==="1";return{environment:i,given:b(s),log:{info:e,debug:t=>{n&&e((0,r.styleText)("gray",`debug ${t}`))},progress:t=>{e((0,r.styleText)("gray",`\u2026 ${t}`))},group:async(t,d)=>(e((0,r.styleText)("bold",t)),d())},mask:t=>{o.add(t)},publish(t){const{verdict:d,outputs:m}=t;e("");for(const{hop:p,...E}of d.problems)e((0,r.styleText)(d.exitCode===0?"yellow":"red",`${p??"patless"}: ${(0,f.b)(E)}`));e((0,r.styleText)("bold","Outputs"));for(const[p,E]of Object.entries(m))e(`  ${p.padEnd(20)} ${E}`);return e(""),e((0,r.styleText)(d.exitCode===0?"green":"red",d.text)),process.exitCode=d.exitCode,Promise.resolve()},refuse(t){process.stderr.write(`${(0,r.styleText)("red",o.of(x((0,f.b)(t))))}
`),process.exitCode=1}}}function b(i){const{tokens:s}=(0,r.parseArgs)({args:[...i],strict:!1,tokens:!0,allowPositionals:!0}),o=new Map;let e;for(const n of s)if(n.kind==="option"){e=n.value===void 0?n.name:void 0;const t=n.value??"true",d=o.get(n.name);o.set(n.name,d===void 0?t:`${d}
${t}`)}else if(n.kind==="positional"){if(e===void 0)o.set(n.value,"");else{const t=o.get(e)?.split(`
`)??[];o.set(e,[...t.slice(0,-1),n.value].join(`
`))}e=void 0}return o}function x(i){return i.replaceAll(/[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g,"")}function $(){return`Patless: token-free read access for Argo CD to private Azure Repos, built, proved and kept.

Usage: node dist/index.js --cluster NAME --repository-url URL [--mode check] [options]

${u.m.map(s=>{const o=["required"in s?"required":"","choices"in s?s.choices.join(" | "):"","default"in s?`default ${s.default}`:""].filter(e=>e!=="");return`  --${s.name.padEnd(26)}${s.description}${o.length===0?"":` [${o.join("; ")}]`}
`}).join("")}
Exit codes: 0 in order, 1 error, 2 drift.
`}})};export{v as id,T as ids,h as modules};

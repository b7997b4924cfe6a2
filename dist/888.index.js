const w=888,x=[888],O={3593:(($,_,d)=>{d.d(_,{k:()=>c});class c{#e=new Set;add(l){l.length>=8&&this.#e.add(l)}of(l){let u=l;for(const E of this.#e)u=u.replaceAll(E,"***");return u}}}),9888:(($,_,d)=>{d.d(_,{terminalHost:()=>E});var c=d(7975),p=d(9110),l=d(4565),u=d(3593);function E(i,o){if(o.includes("--help")||o.includes("-h")){process.stdout.write(v());return}const s=new u.k,n=e=>s.of(m(e)),t=(e,r)=>{const f=n(e);process.stdout.write(`${r===void 0?f:(0,c.styleText)(r,f)}
`)},a=i.PATLESS_DEBUG==="1"||i.RUNNER_DEBUG==="1";return{environment:i,given:h(o),log:{info:e=>{t(e)},warning:e=>{t(e,"yellow")},debug:e=>{a&&t(`debug ${e}`,"gray")},progress:e=>{t(`\u2026 ${e}`,"gray")},group:async(e,r)=>(t(e,"bold"),r())},mask:e=>{s.add(e)},publish(e){const{verdict:r,outputs:f}=e;t("");for(const{hop:g,...b}of r.problems)t(`${g??"patless"}: ${(0,p.b6)(b)}`,r.exitCode===0?"yellow":"red");t("Outputs","bold");for(const[g,b]of Object.entries(f))t(`  ${g.padEnd(20)} ${b}`);return t(""),t(r.text,r.exitCode===0?"green":"red"),process.exitCode=r.exitCode,Promise.resolve()},refuse(e){process.stderr.write(`${(0,c.styleText)("red",n((0,p.b6)(e)))}
`),process.exitCode=1}}}function h(i){const{tokens:o}=(0,c.parseArgs)({args:[...i],strict:!1,tokens:!0,allowPositionals:!0}),s=new Map;let n;for(const t of o)if(t.kind==="option"){n=t.value===void 0?t.name:void 0;const a=t.value??"true",e=s.get(t.name);s.set(t.name,e===void 0?a:`${e}
${a}`)}else if(t.kind==="positional"){if(n===void 0)s.set(t.value,"");else{const a=s.get(n)?.split(`
`)??[];s.set(n,[...a.slice(0,-1),t.value].join(`
`))}n=void 0}return s}function m(i){return i.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,"")}function v(){return`Patless: token-free read access for Argo CD to private Azure Repos, built, proved and kept.

Usage: node dist/index.js --cluster NAME --repository-url URL [--mode check] [options]

${(0,l.pz)("elsewhere").map(o=>{const s=["required"in o?"required":"","choices"in o?o.choices.join(" | "):"","default"in o?`default ${o.default}`:""].filter(n=>n!=="");return`  --${o.name.padEnd(26)}${o.description}${s.length===0?"":` [${s.join("; ")}]`}
`}).join("")}
Exit codes: 0 in order, 1 error, 2 drift. PATLESS_DEBUG=1 also prints every request; NO_COLOR=1 takes the colours away.
`}})};export{w as id,x as ids,O as modules};

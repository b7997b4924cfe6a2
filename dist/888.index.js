const x=888,O=[888],v={8355:((y,$,d)=>{d.d($,{DJ:()=>g,g$:()=>c,ki:()=>w});function c(i){return g(i).replaceAll(/##(?=(?:vso)?\[)/gi,"## ")}function g(i){return i.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,"")}class w{#e=new Set;add(a){a.length>=8&&this.#e.add(a)}of(a){let E=a;for(const h of this.#e)E=E.replaceAll(h,"***");return E}}}),9888:((y,$,d)=>{d.d($,{terminalHost:()=>a});var c=d(7975),g=d(5524),w=d(1582),i=d(8355);function a(u,n){if(n.includes("--help")||n.includes("-h")){process.stdout.write(b());return}const s=new i.ki,r=e=>s.of((0,i.g$)(e)),t=(e,o)=>{const l=r(e);process.stdout.write(`${o===void 0?l:(0,c.styleText)(o,l)}
`)},f=u.PATLESS_DEBUG==="1"||u.RUNNER_DEBUG==="1";return{environment:u,given:E(n),log:{info:e=>{const o=r(e),[,l,p]=/^(\S [a-z-]+ +[a-z]+)( .*)$/.exec(o)??[],_=h.get(o.charAt(0));l===void 0||p===void 0||_===void 0?t(o):process.stdout.write(`${(0,c.styleText)(_,l)}${p}
`)},warning:e=>{t(e,"yellow")},debug:e=>{f&&t(`debug ${e}`,"gray")},progress:e=>{t(`\u2026 ${e}`,"gray")},group:async(e,o)=>(t(e,"bold"),o())},mask:e=>{s.add(e)},publish(e){const{verdict:o,outputs:l}=e;t("");for(const{hop:p,..._}of o.problems)t(`${p??"patless"}: ${(0,g.b6)(_)}`,o.exitCode===0?"yellow":"red");t("Outputs","bold");for(const[p,_]of Object.entries(l))process.stdout.write(s.of((0,i.DJ)(`  ${p.padEnd(20)} ${_}
`)));return t(""),t(o.text,o.exitCode===0?"green":"red"),process.exitCode=o.exitCode,Promise.resolve()},refuse(e){process.stderr.write(`${(0,c.styleText)("red",r((0,g.b6)(e)))}
`),process.exitCode=1}}}function E(u){const{tokens:n}=(0,c.parseArgs)({args:[...u],strict:!1,tokens:!0,allowPositionals:!0}),s=new Map;let r;for(const t of n)if(t.kind==="option"){r=t.value===void 0?t.name:void 0;const f=t.value??"true",e=s.get(t.name);s.set(t.name,e===void 0?f:`${e}
${f}`)}else if(t.kind==="positional"){if(r===void 0)s.set(t.value,"");else{const f=s.get(r)?.split(`
`)??[];s.set(r,[...f.slice(0,-1),t.value].join(`
`))}r=void 0}return s}const h=new Map([["\u2713","green"],["+","cyan"],["~","cyan"],["-","cyan"],["\u2260","yellow"],["\u2205","yellow"],["?","gray"],["\u2013","gray"],["\u2717","red"]]);function b(){return`Patless: token-free read access for Argo CD to private Azure Repos, built, proved and kept.

Usage: node dist/index.js --cluster NAME --repository-url URL [--mode check] [options]

${(0,w.pz)("elsewhere").map(n=>{const s=["required"in n?"required":"","choices"in n?n.choices.join(" | "):"","default"in n?`default ${n.default}`:""].filter(r=>r!=="");return`  --${n.name.padEnd(26)}${n.description}${s.length===0?"":` [${s.join("; ")}]`}
`}).join("")}
Exit codes: 0 in order, 1 error, 2 drift. PATLESS_DEBUG=1 also prints every request; NO_COLOR=1 takes the colours away.
`}})};export{x as id,O as ids,v as modules};

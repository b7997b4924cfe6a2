const x=888,O=[888],v={3593:((y,$,d)=>{d.d($,{g:()=>a,k:()=>g});function a(E){return E.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,"").replaceAll(/##(?=(?:vso)?\[)/gi,"## ")}class g{#e=new Set;add(i){i.length>=8&&this.#e.add(i)}of(i){let _=i;for(const w of this.#e)_=_.replaceAll(w,"***");return _}}}),9888:((y,$,d)=>{d.d($,{terminalHost:()=>_});var a=d(7975),g=d(9110),E=d(4565),i=d(3593);function _(c,o){if(o.includes("--help")||o.includes("-h")){process.stdout.write(h());return}const s=new i.k,r=e=>s.of((0,i.g)(e)),t=(e,n)=>{const l=r(e);process.stdout.write(`${n===void 0?l:(0,a.styleText)(n,l)}
`)},u=c.PATLESS_DEBUG==="1"||c.RUNNER_DEBUG==="1";return{environment:c,given:w(o),log:{info:e=>{const n=r(e),[,l,f]=/^(\S [a-z-]+ +[a-z]+)( .*)$/.exec(n)??[],p=b.get(n.charAt(0));l===void 0||f===void 0||p===void 0?t(n):process.stdout.write(`${(0,a.styleText)(p,l)}${f}
`)},warning:e=>{t(e,"yellow")},debug:e=>{u&&t(`debug ${e}`,"gray")},progress:e=>{t(`\u2026 ${e}`,"gray")},group:async(e,n)=>(t(e,"bold"),n())},mask:e=>{s.add(e)},publish(e){const{verdict:n,outputs:l}=e;t("");for(const{hop:f,...p}of n.problems)t(`${f??"patless"}: ${(0,g.b6)(p)}`,n.exitCode===0?"yellow":"red");t("Outputs","bold");for(const[f,p]of Object.entries(l))t(`  ${f.padEnd(20)} ${p}`);return t(""),t(n.text,n.exitCode===0?"green":"red"),process.exitCode=n.exitCode,Promise.resolve()},refuse(e){process.stderr.write(`${(0,a.styleText)("red",r((0,g.b6)(e)))}
`),process.exitCode=1}}}function w(c){const{tokens:o}=(0,a.parseArgs)({args:[...c],strict:!1,tokens:!0,allowPositionals:!0}),s=new Map;let r;for(const t of o)if(t.kind==="option"){r=t.value===void 0?t.name:void 0;const u=t.value??"true",e=s.get(t.name);s.set(t.name,e===void 0?u:`${e}
${u}`)}else if(t.kind==="positional"){if(r===void 0)s.set(t.value,"");else{const u=s.get(r)?.split(`
`)??[];s.set(r,[...u.slice(0,-1),t.value].join(`
`))}r=void 0}return s}const b=new Map([["\u2713","green"],["+","cyan"],["~","cyan"],["-","cyan"],["\u2260","yellow"],["\u2205","yellow"],["?","gray"],["\u2013","gray"],["\u2717","red"]]);function h(){return`Patless: token-free read access for Argo CD to private Azure Repos, built, proved and kept.

Usage: node dist/index.js --cluster NAME --repository-url URL [--mode check] [options]

${(0,E.pz)("elsewhere").map(o=>{const s=["required"in o?"required":"","choices"in o?o.choices.join(" | "):"","default"in o?`default ${o.default}`:""].filter(r=>r!=="");return`  --${o.name.padEnd(26)}${o.description}${s.length===0?"":` [${s.join("; ")}]`}
`}).join("")}
Exit codes: 0 in order, 1 error, 2 drift. PATLESS_DEBUG=1 also prints every request; NO_COLOR=1 takes the colours away.
`}})};export{x as id,O as ids,v as modules};

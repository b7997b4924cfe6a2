const t=4170,u=[4170],_={4170:((i,o,r)=>{r.d(o,{$:()=>d,c:()=>s});function d(e){const n=["Trace ID:","\r",`
`].map(c=>e.indexOf(c)).filter(c=>c!==-1);return e.slice(0,Math.min(e.length,...n)).trimEnd()}function s(e){const n=/AADSTS\d{1,9}/.exec(e);return n?{code:n[0],sentence:d(e.slice(n.index))}:{code:void 0,sentence:e}}})};export{t as id,u as ids,_ as modules};

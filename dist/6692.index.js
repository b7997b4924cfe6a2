const E=6692,N=[6692],w={6692:((P,_,y)=>{y.d(_,{Dg:()=>$,Dy:()=>o,HQ:()=>O,Jo:()=>b,S5:()=>d,_J:()=>S,bB:()=>r,ml:()=>l,yq:()=>J});const p=/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,a=8e3;function S(n,e=a){return l(u(r(i(n,e))),e)}function $(n,e=a){return l(u(d(r(i(n,e)))),e)}function i(n,e){return n.slice(0,2*e+2)}function r(n){return n.replaceAll(`\r
`,`
`).replaceAll(p,e=>e===`
`||e==="	"?e:f(e))}function d(n){return n.replaceAll(`
`,"\\n").replaceAll("	","\\t")}function u(n){return n.replaceAll(/^([^\S\n]*)::/gm,"$1: :").replaceAll(/##(?=\w*\[)/g,"## ")}function l(n,e){if(n.length<=e)return n;const t=n.slice(0,e);return`${t.isWellFormed()?t:t.slice(0,-1)}\u2026`}function b(n,e=2e3){const t=r(i(n,4*e)).replaceAll(/\s+/g," ").replaceAll("\\","\uFF3C");return l(u(t).replaceAll(/:(?=:)/g,": ").trim(),e)}function o(n){return g(JSON.stringify(n,null,2),/[#<`]|:(?=:)/g)}function*J(n){const e=Object.entries(n).filter(([,t])=>t!==void 0);yield"{";for(const[t,[c,s]]of e.entries())if(yield`${t===0?"":","}
  ${o(c)}: `,!Array.isArray(s))yield o(s);else{yield"[";for(const[C,I]of s.entries())yield`${C===0?"":","}
${o(I??null)}`;yield`
]`}yield`
}
`}function O(n){const e=JSON.stringify(n).replaceAll(/\\(["\\bfnrt])/g,(t,c)=>f(h[c]??c));return g(e,/[#<>&%$'`]|:(?=:)/g)}const h={b:"\b",f:"\f",n:`
`,r:"\r",t:"	"};function g(n,e){return n.replaceAll(e,f).replaceAll(p,t=>t===`
`?t:x(t).map(A).join(""))}function f(n){const e=n.codePointAt(0)??0;return e>65535?`\\u{${e.toString(16)}}`:A(e)}function x(n){return Array.from({length:n.length},(e,t)=>n.charCodeAt(t))}function A(n){return`\\u${n.toString(16).padStart(4,"0")}`}})};export{E as id,N as ids,w as modules};

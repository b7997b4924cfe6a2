const w=7949,S=[7949],j={7949:((R,f,$)=>{$.r(f),$.d(f,{completionOf:()=>h});var r=$(8253);const d=["bash","zsh","fish"];function h(s){return{options:[],words:d,wordRequired:!0,async run({word:t},{print:o}){const a=await b(s);return o(O[d.find(e=>e===t)??"bash"](a)),0}}}async function b(s){const t=r.FN.map(e=>({name:e,summary:(0,r.YG)(e),options:[...(0,r.cz)(e),...r.Sq],words:[]})),o=Object.entries(s).map(async([e,{summary:n,load:c}])=>{const{options:i,words:l=[]}=await c();return{name:e,summary:n,options:[...i,...r.Sq],words:l}}),a=[...r.KZ,...r.p7,...r.Sq];return[...t,...await Promise.all(o),{name:"",summary:"",options:a,words:[]}]}function m({name:s,kind:t}){const o=r.Sq.some(a=>a.name===s);return t==="boolean"&&!o?[`--${s}`,`--no-${s}`]:[`--${s}`]}const O={bash(s){const t=s.filter(({name:n})=>n!==""),a=C(s.flatMap(({options:n})=>n)).filter(({kind:n})=>n!=="boolean").map(({name:n,kind:c,choices:i})=>{const l=i?`COMPREPLY=($(compgen -W '${i.join(" ")}' -- "$current"))`:c==="file"?'COMPREPLY=($(compgen -f -- "$current"))':"COMPREPLY=()";return`    --${n}) ${l}; return ;;`}),e=s.map(({name:n,options:c,words:i})=>{const l=n===""?t.map(p=>p.name):i;return`    ${n===""?"*":n}) words='${[...l,...c.flatMap(m)].join(" ")}' ;;`});return`# patless completion bash > /etc/bash_completion.d/patless, or: source <(patless completion bash)
_patless() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  # bash splits --name=value into three words.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$previous" in
${a.join(`
`)}
  esac
  case "\${COMP_WORDS[1]}" in
${e.join(`
`)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _patless patless`},zsh(s){const t=s.filter(({name:e})=>e!==""),o=s.map(({name:e,options:n,words:c})=>{const i=n.flatMap(p=>M(p)),l=c.length===0?[]:[`'1:word:(${c.join(" ")})'`];return`    ${e===""?"*":e}) _arguments ${[...l,...i].join(` \\
      `)} ;;`});return`#compdef patless
# patless completion zsh > "\${fpath[1]}/_patless"
_patless() {
  local -a subcommands
  subcommands=(
${t.map(({name:e,summary:n})=>`    '${e}:${u(n)}'`).join(`
`)}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe subcommand subcommands
    return
  fi
  local subcommand=$words[2]
  [[ $subcommand == -* ]] || { shift words; (( CURRENT-- )) }
  case $subcommand in
${o.join(`
`)}
  esac
}
if [[ $funcstack[1] == _patless ]]; then _patless "$@"; else compdef _patless patless; fi`},fish(s){return`# patless completion fish > ~/.config/fish/completions/patless.fish
complete -c patless -f
${s.flatMap(({name:o,summary:a,options:e,words:n})=>{const c=o===""?"__fish_use_subcommand":`__fish_seen_subcommand_from ${o}`,i=o===""?[]:[`complete -c patless -n __fish_use_subcommand -a ${o} -d '${u(a)}'`],l=n.length===0?[]:[`complete -c patless -n '${c}' -a '${n.join(" ")}'`];return[...i,...l,...e.flatMap(p=>P(p,c))]}).join(`
`)}`}};function M(s){const{kind:t,choices:o,description:a}=s,e=u(_(a)).replaceAll(/[[\]:]/g,String.raw`\$&`),n=t==="lines"?"*":"",c=o?`:value:(${o.join(" ")})`:t==="file"?":file:_files":t==="boolean"?"":":value: ";return m(s).map(i=>`'${n}${i}${c===""?"":"="}[${e}]${c}'`)}function P(s,t){const{kind:o,choices:a,description:e}=s,n=a?` -x -a '${a.join(" ")}'`:o==="file"?" -r -F":o==="boolean"?"":" -x";return m(s).map(c=>`complete -c patless -n '${t}' -l ${c.slice(2)}${n} -d '${u(_(e))}'`)}function u(s){return s.replaceAll("'","\u2019").replaceAll("\\","/")}function _(s){return s.split(/[.;](?:\s|$)/,1)[0]??s}function C(s){return[...new Map(s.map(t=>[t.name,t])).values()]}})};export{w as id,S as ids,j as modules};

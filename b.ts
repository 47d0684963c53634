import { bundleChildren } from './test/support/bundle-children.ts';
import { createProcesses } from './src/adapters/process/processes.ts';
import { createCommandRuns } from './src/adapters/command/command-runs.ts';
const kids=await bundleChildren('src/adapters/command',['child-launcher']);
const runs=createCommandRuns({processes:createProcesses(), launcherFile:kids.file('child-launcher')});
const sig=new AbortController().signal;
const base={cwd:'/tmp',env:{PATH:process.env.PATH!},timeoutMs:2000,runId:'run_x',expect:{files:[]},cpus:{target:[0],generator:[1]}};
const t=performance.now();
console.log('overhead',await runs.startOverhead(base,sig), (performance.now()-t)/6);
for (const command of [['/usr/bin/python3','-c','x=bytearray(10**8);print(sum(range(10**6)))'],['sh','-c','setsid sleep 100 & sleep 100'],['sh','-c','sleep 100 & exit 3'],['nope'],['seq','1000000']]) {
 const t=performance.now(); const r=await runs.run({...base,command},sig); console.log(command.join(' '), {...r, stdout:r.stdout.slice(-100)}, performance.now()-t);
}
const c='import time\nt=time.process_time()\nwhile time.process_time()-t<0.09: pass';
for (const cpus of [true,false]) { const v=[]; for(let i=0;i<30;i++){ const {cpus:_c,...rest}=base; const r=await runs.run({...(cpus?base:rest),command:['/usr/bin/python3','-c','s=0\nfor i in range(1200000): s+=i*i']},sig); v.push([(r.usage!.userUs+r.usage!.systemUs)/1000,r.wallMs,r.usage!.voluntarySwitches+r.usage!.involuntarySwitches,r.usage!.largestRssBytes/1e6,(r.sampledRssBytes??0)/1e6]);}
 console.log('pinned',cpus,[0,1,2,3,4].map(k=>{const a=v.map(x=>x[k]!).sort((a,b)=>a-b); return a[0]!.toFixed(1)+'|'+a[7]!.toFixed(1)+'|'+a[15]!.toFixed(1)+'|'+a[22]!.toFixed(1)+'|'+a[29]!.toFixed(1)}));}
await kids.remove();

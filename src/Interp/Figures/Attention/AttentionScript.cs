namespace Interp;

/// <summary>The script of attention patterns: paints the maps and follows the pointer.</summary>
internal static class AttentionScript
{
    // Reads its data from D; fig is the figure's element, show and hide are the tooltip's.
    public const string Text = """
        var Q=D.queries,K=D.keys,n=Q.length,m=K.length,B=Uint8Array.from(atob(D.data),function(c){return c.charCodeAt(0)});
        var media=matchMedia('screen and (prefers-color-scheme:dark)'),ramp,spans,chosen=0,head=0,at=n-1,other=-1,incoming=false;
        function $(s){return fig.querySelectorAll(s)}
        var buttons=$('.hs button'),map=$('.map canvas')[0],svg=$('.map svg')[0],cross=$('.cross'),toks=$('.toks')[0],out=$('.out')[0],modes=$('.txt input');
        function value(h,q,k){return B[(h*n+q)*m+k]}
        function colours(){var s=(media.matches?D.dark:D.light).match(/#[0-9a-f]{6}/g).map(function(c){c=parseInt(c.slice(1),16);return[c>>16,c>>8&255,c&255]});
        ramp=[];for(var i=0;i<256;i++){var p=i/255*(s.length-1),a=Math.min(s.length-2,p|0),t=p-a;ramp.push(s[a].map(function(v,j){return Math.round(v+(s[a+1][j]-v)*t)}))}}
        function paint(canvas,h){canvas.width=m;canvas.height=n;var g=canvas.getContext('2d',{willReadFrequently:true}),image=g.createImageData(m,n);
        for(var i=0;i<n*m;i++){var c=ramp[B[h*n*m+i]];image.data[4*i]=c[0];image.data[4*i+1]=c[1];image.data[4*i+2]=c[2];image.data[4*i+3]=255}g.putImageData(image,0,0)}
        function number(b){return b===0?'<0.002':(b/255).toFixed(b<26?3:2)}
        function place(r,x,y,w,h){r.setAttribute('x',D.x+x*D.cell);r.setAttribute('y',D.y+y*D.cell);r.setAttribute('width',w*D.cell);r.setAttribute('height',h*D.cell)}
        function words(){spans=[];toks.textContent='';(incoming?Q:K).forEach(function(t,i){var s=document.createElement('span');s.textContent=t;s.dataset.i=i;
        toks.appendChild(s);toks.appendChild(document.createElement(t.slice(-1)==='⏎'?'br':'wbr'));spans.push(s)})}
        function trace(){var from=incoming?K:Q,to=incoming?Q:K,best=[];at=Math.min(at,from.length-1);
        spans.forEach(function(s,i){var b=incoming?value(head,i,at):value(head,at,i),c=ramp[b];s.style.background='rgb('+c+')';
        s.style.color=(c[0]*.3+c[1]*.59+c[2]*.11)>140?'#16181c':'#fff';s.className=D.same&&i===at?'at':'';best.push([b,i])});
        best.sort(function(a,b){return b[0]-a[0]||a[1]-b[1]});
        out.textContent=(D.heads[head]?D.heads[head]+', ':'')+(incoming?D.keyName:D.queryName)+' '+at+' '+from[at]+(incoming?' is attended by':' attends to')+best.filter(function(p){return p[0]}).slice(0,5).map(function(p){return '\n'+number(p[0])+'  '+p[1]+' '+to[p[1]]}).join('');
        if(incoming)place(cross[0],at,0,1,n);else place(cross[0],0,at,m,1);if(other>=0)place(cross[1],incoming?at:other,incoming?other:at,1,1);else place(cross[1],0,0,0,0)}
        function pick(h){head=h;buttons.forEach(function(b,i){b.classList.toggle('on',i===h);b.setAttribute('aria-pressed',i===h)});paint(map,h);trace()}
        function all(){colours();buttons.forEach(function(b,i){var c=b.firstChild,r=Math.max(n,m);paint(c,i);c.style.width=D.small*m/r+'px';c.style.height=D.small*n/r+'px'});pick(head)}
        buttons.forEach(function(b,i){b.addEventListener('pointerenter',function(){pick(i)});b.addEventListener('pointerleave',function(){pick(chosen)});
        b.addEventListener('click',function(){chosen=i;pick(i)});b.addEventListener('focus',function(){chosen=i;pick(i)})});
        svg.addEventListener('pointermove',function(e){var r=svg.getBoundingClientRect(),k=Math.floor((e.clientX-r.left-D.x)/D.cell),q=Math.floor((e.clientY-r.top-D.y)/D.cell);
        if(q<0||k<0||q>=n||k>=m){if(q>=0&&q<n&&k<0&&!incoming){at=q;other=-1;trace()}hide();return}
        e.stopPropagation();at=incoming?k:q;other=incoming?q:k;trace();
        show(e,(D.heads[head]?D.heads[head]+'\n':'')+D.queryName+' '+q+' '+Q[q]+'\n'+D.keyName+' '+k+' '+K[k]+'\n'+number(value(head,q,k)))});
        toks.addEventListener('pointermove',function(e){var i=e.target.dataset.i;if(i!==undefined&&D.same&&(at!==+i||other>=0)){at=+i;other=-1;trace()}});
        modes.forEach(function(r,i){r.addEventListener('change',function(){incoming=i===1;modes[1-i].checked=false;other=-1;words();trace()})});
        media.addEventListener('change',all);words();all();
        """;
}

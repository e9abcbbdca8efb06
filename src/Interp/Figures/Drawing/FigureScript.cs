namespace Interp;

/// <summary>The scripts of figures. Without scripts, a browser's own tooltips still show the values.</summary>
internal static class FigureScript
{
    // Takes over the browser's slow tooltips: the text moves from <title> or title="" to a box that follows the pointer.
    private const string Tooltip = """
        var tip;function hide(){if(tip)tip.hidden=true}
        function show(e,s){if(!tip){tip=document.createElement('div');tip.className='tip';fig.appendChild(tip)}
        tip.textContent=s;tip.hidden=false;var x=e.clientX+14,y=e.clientY+16,r=tip.getBoundingClientRect();
        if(x+r.width>innerWidth-4)x=Math.max(4,e.clientX-r.width-10);if(y+r.height>innerHeight-4)y=Math.max(4,e.clientY-r.height-10);
        tip.style.left=x+'px';tip.style.top=y+'px'}
        function text(t){if(t.tipText===undefined){var k=t.querySelector&&t.querySelector(':scope>title');
        if(k){t.tipText=k.textContent;t.setAttribute('aria-label',t.tipText);k.remove()}
        else if(t.title){t.tipText=t.title;t.setAttribute('aria-label',t.title);t.removeAttribute('title')}else t.tipText=null}return t.tipText}
        fig.addEventListener('pointermove',function(e){for(var t=e.target;t&&t!==fig;t=t.parentNode){var s=text(t);if(s){show(e,s);return}}hide()});
        fig.addEventListener('pointerleave',hide);
        """;

    /// <summary>The script that brings to life every figure of an identity that is not yet alive.</summary>
    public static string For(string id, string script) =>
        $"document.querySelectorAll('#{id}:not([data-on])').forEach(function(fig){{'use strict';fig.dataset.on=1;\n{Tooltip}{script}}});";
}

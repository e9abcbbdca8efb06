using System.Runtime.InteropServices;
using System.Text.Json;

namespace Interp;

/// <summary>Hover for heat maps with too many cells to give each an element of its own.</summary>
internal static class HeatmapScript
{
    // fig, show and hide are the figure's element and its tooltip.
    private const string Text = """
        var V=new Float32Array(Uint8Array.from(atob(H.data),function(c){return c.charCodeAt(0)}).buffer),n=H.y.length,m=H.x.length;
        fig.querySelectorAll('rect.map').forEach(function(r,f){r.addEventListener('pointermove',function(e){
        var b=r.getBoundingClientRect(),k=Math.floor((e.clientX-b.left)/b.width*m),q=Math.floor((e.clientY-b.top)/b.height*n);
        if(k<0||q<0||k>=m||q>=n)return;e.stopPropagation();var v=V[(f*n+q)*m+k];
        show(e,[H.f[f],H.y[q],H.x[k]].filter(Boolean).join(', ')+'\n'+H.quantity+' '+(isNaN(v)?'missing':v.toPrecision(4)))})});
        """;

    public static string For(LabelledArray array, Func<Axis, bool> isUnnamed)
    {
        string[] Places(Axis axis) => [.. Enumerable.Range(0, axis.Length).Select(i => isUnnamed(axis) ? "" : AxisLabels.Where(axis, i))];
        var values = Array.ConvertAll(array.Values.ToArray(), v => (float)v);
        // The serializer's own escapes keep every < out of the script.
        var data = JsonSerializer.Serialize(new
        {
            f = Places(array.Axes[0]),
            y = Places(array.Axes[1]),
            x = Places(array.Axes[2]),
            quantity = array.Quantity,
            data = Convert.ToBase64String(MemoryMarshal.AsBytes(values.AsSpan())),
        });
        return $"var H={data};{Text}";
    }
}

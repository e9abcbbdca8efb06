namespace Interp;

/// <summary>The rows of a lens: the captured residual streams, in the order of the forward pass.</summary>
internal static class LensRows
{
    /// <summary>Hook points with their labels. A stream that is the next one's beginning stands once.</summary>
    public static IEnumerable<(HookName Name, string Label)> Of(ActivationCache cache)
    {
        var layers = cache.Model.Config.Layers;
        for (var layer = 0; layer < layers; layer++)
        {
            var (pre, mid, post) = (new HookName(Sites.ResidPre, layer), new HookName(Sites.ResidMid, layer), new HookName(Sites.ResidPost, layer));
            if (cache.Contains(pre))
                yield return (pre, $"{layer}_pre");
            if (cache.Contains(mid))
                yield return (mid, $"{layer}_mid");
            if (cache.Contains(post) && !(layer + 1 < layers && cache.Contains(new HookName(Sites.ResidPre, layer + 1))))
                yield return (post, layer == layers - 1 ? "final_post" : $"{layer}_post");
        }
    }
}

namespace Interp;

/// <summary>How a direct path passes the norm before its receiver.</summary>
public enum PathNorm
{
    /// <summary>The norm is recomputed with the sender's change in the stream: what exact edge patching does.</summary>
    Recomputed,

    /// <summary>Linear: the change is centred, divided by the base run's scale and multiplied by the gain.</summary>
    CachedScale,

    /// <summary>The change is divided by the base run's scale and nothing else, as TransformerLens's tool does: right where gain and centring are folded into the weights.</summary>
    ScaleAlone,
}

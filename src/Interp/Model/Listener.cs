namespace Interp.Extending;

using TorchSharp;

/// <summary>Whoever listens at one hook point during one run.</summary>
internal abstract class Listener
{
    /// <summary>Whether it may give back another tensor or wants the gradient.</summary>
    public abstract bool Changes { get; }

    /// <summary>Receives the activation and returns what the model goes on with.</summary>
    public abstract torch.Tensor Hear(torch.Tensor activation, ForwardContext run, HookName name);
}

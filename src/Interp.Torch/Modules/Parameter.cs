namespace TorchSharp.Modules;

/// <summary>A tensor that is trained. It takes the given tensor's memory over: the given object is invalid afterwards.</summary>
public class Parameter : torch.Tensor
{
    public Parameter(torch.Tensor data, bool requires_grad = true) : base(Take(data, requires_grad, out var scope))
    {
        if (scope is null) DetachFromDisposeScope();
        else MoveToOtherDisposeScope(scope);
    }

    private static nint Take(torch.Tensor data, bool requires_grad, out DisposeScope? scope)
    {
        scope = data.Scope;
        return data.requires_grad_(requires_grad).DecoupleFromNativeHandle();
    }
}

/**
 * Packs `kubernetes` and `cloud`: what changes clusters, infrastructure and cloud resources.
 *
 * @module
 */

import { safe } from "../../safe_text.ts";
import type { ArgumentsView } from "../arguments_view.ts";
import {
  asksForHelp,
  grave,
  mayHave,
  mild,
  normal,
  type Pack,
  type PackFinding,
  programJudges,
  subOf,
  surelyHas,
} from "./pack.ts";

const CHANGE = normal(safe`change`);
const DESTROY = grave(
  safe`destroy`,
  safe`Show what would change first, and let the operator do it`,
);

const KUBE_READS =
  /^(?:get|describe|logs|log|explain|top|version|api-resources|api-versions|cluster-info|diff|wait|events|completion|options|kustomize|whoami|status|projects|help|)$/;
const KUBE_DESTROYS = /^(?:delete|drain|cordon|uncordon|scale|patch|taint|evict)$/;

function judgeKubectl(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const [first] = view.operands;
  if (first !== undefined && first.value === undefined) return DESTROY;
  const sub = subOf(view);
  if (KUBE_READS.test(sub)) return undefined;
  if (sub === "config") {
    return /^(?:view|current-context|get-contexts|get-clusters|get-users)?$/.test(subOf(view, 1))
      ? undefined
      : CHANGE;
  }
  if (sub === "auth") return /^(?:can-i|whoami)$/.test(subOf(view, 1)) ? undefined : CHANGE;
  if (sub === "rollout") {
    return /^(?:status|history)$/.test(subOf(view, 1))
      ? undefined
      : subOf(view, 1) === "undo"
      ? DESTROY
      : CHANGE;
  }
  if (surelyHas(view, "--dry-run")) return undefined;
  if (KUBE_DESTROYS.test(sub)) return DESTROY;
  const isReplaced = mayHave(view, "--force", "--prune") && /^(?:replace|apply)$/.test(sub);
  return isReplaced ? DESTROY : CHANGE;
}

function judgeHelm(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const sub = subOf(view);
  if (/^(?:uninstall|delete|del|un|rollback)$/.test(sub)) return DESTROY;
  if (view.operands[0] !== undefined && view.operands[0].value === undefined) return DESTROY;
  return /^(?:install|upgrade|push|plugin|registry)$/.test(sub) && !surelyHas(view, "--dry-run")
    ? CHANGE
    : undefined;
}

function judgeTerraform(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const sub = subOf(view).replace(/^run-all$/, subOf(view, 1));
  const words = `${sub} ${subOf(view, 1)}`;
  if (view.operands[0] !== undefined && view.operands[0].value === undefined) return DESTROY;
  if (sub === "destroy" || /^(?:force-unlock|taint|untaint)$/.test(sub)) return DESTROY;
  if (/^(?:state (?:rm|mv|push|replace-provider)|workspace delete)$/.test(words)) return DESTROY;
  if (sub === "apply") {
    return mayHave(view, "-auto-approve", "--auto-approve", "-destroy", "--non-interactive")
      ? DESTROY
      : CHANGE;
  }
  return /^(?:import|refresh|login|logout)$/.test(sub) || words === "workspace new"
    ? CHANGE
    : undefined;
}

function judgePulumi(view: ArgumentsView): PackFinding | undefined {
  const sub = subOf(view);
  if (asksForHelp(view)) return undefined;
  if (
    /^(?:destroy|down|dn|cancel)$/.test(sub) ||
    /^(?:stack rm|state delete)$/.test(`${sub} ${subOf(view, 1)}`)
  ) return DESTROY;
  if (/^(?:up|update|import|refresh)$/.test(sub)) {
    return mayHave(view, "-y", "--yes") ? DESTROY : CHANGE;
  }
  return undefined;
}

const REMOVES =
  /^(?:delete|destroy|remove|rm|reset|terminate|teardown|down|uninstall|purge|drain|undeploy|abandon|nuke)$/;
const CHANGES =
  /^(?:create|apply|deploy|up|install|upgrade|update|set|add|edit|scale|sync|import|start|init|join)$/;

function judgeClusterTools(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const words = view.operands.slice(0, 3).map(({ value }) => value ?? "");
  if (words.some((word) => REMOVES.test(word))) return DESTROY;
  return words.some((word) => CHANGES.test(word)) ? CHANGE : undefined;
}

/** The pack `kubernetes`. */
export const KUBERNETES: Pack = {
  programs: programJudges([
    [judgeKubectl, "kubectl oc"],
    [judgeHelm, "helm helmfile"],
    [judgeTerraform, "terraform tofu terragrunt"],
    [judgePulumi, "pulumi"],
    [
      judgeClusterTools,
      "eksctl kops kubeadm minikube kind k3d argocd flux istioctl velero cdk copilot serverless sls sam crossplane nomad consul cilium linkerd rancher k0s talosctl",
    ],
    [
      (view) =>
        asksForHelp(view) ||
          surelyHas(view, "--check", "--list-hosts", "--list-tasks", "--syntax-check")
          ? undefined
          : CHANGE,
      "ansible ansible-playbook k9s salt knife",
    ],
  ]),
};

const CLOUD_DELETE = normal(
  safe`delete`,
  safe`Show what would be deleted and let the operator do it`,
);
const CLOUD_RIGHTS = normal(safe`rights`);
const CLOUD_CREATE = mild(safe`create`);

const AWS_REMOVES =
  /^(?:delete|terminate|remove|deregister|purge|reset|revoke|release|detach|disable|stop|reboot|cancel|abort|restore|disassociate|deactivate|empty|destroy)-/;
const AWS_RIGHTS =
  /^(?:create-(?:access-key|user|role|policy|login-profile|service-specific-credential|policy-version|grant)|put-.*policy|attach-.*policy|update-(?:assume-role-policy|access-key|login-profile|.*policy)|add-(?:user-to-group|permission)|set-.*policy|modify-.*attribute|authorize-.*|get-secret-value|assume-role.*)$/;
const AWS_CREATES =
  /^(?:create|run|put|update|modify|start|associate|attach|enable|register|import|copy|add|set|tag|untag|send|invoke|publish|allocate|request)-|^invoke$/;

function judgeAws(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const [service, verb] = view.operands;
  if (service === undefined) return undefined;
  if (service.value === undefined || (verb !== undefined && verb.value === undefined)) {
    return CLOUD_DELETE;
  }
  const name = verb?.value ?? "";
  if (service.value === "s3" || service.value === "s3api") {
    if (/^(?:rm|rb|mv)$/.test(name)) return CLOUD_DELETE;
    if (name === "sync" && mayHave(view, "--delete")) return CLOUD_DELETE;
  }
  if (AWS_REMOVES.test(name)) return CLOUD_DELETE;
  if (AWS_RIGHTS.test(name)) return CLOUD_RIGHTS;
  return AWS_CREATES.test(name) ? CLOUD_CREATE : undefined;
}

const WORD_REMOVES =
  /(?:^|[:.-])(?:delete|destroy|remove|rm|purge|terminate|reset|undelete|deprovision|nuke|drop|shutdown|deallocate|wipe|disable|rb|del|unpublish|down|revoke)(?:$|-)/;
const WORD_RIGHTS =
  /^(?:(?:add|set|remove)-iam-policy.*|role-assignment|create-key|keys?|service-accounts?)$/;
const WORD_CREATES =
  /(?:^|[:.-])(?:create|deploy|up|add|set|start|restart|scale|resize|promote|run|launch|provision|publish|update)(?:$|-)/;

/** Tools with nouns and verbs in no fixed order. */
function judgeWords(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const words = view.operands.slice(0, 5);
  const values = words.map(({ value }) => value ?? "");
  // What stands behind the verb is a name.
  const verb = values.findIndex((word) =>
    WORD_REMOVES.test(word) || WORD_CREATES.test(word) ||
    /^(?:list|ls|show|describe|get|view|info|status|logs?)$/.test(word)
  );
  const known = verb < 0 ? values.slice(0, 3) : values.slice(0, verb + 1);
  if (words.slice(0, verb < 0 ? 3 : verb).some(({ value }) => value === undefined)) {
    return CLOUD_DELETE;
  }
  if (known.some((word) => WORD_REMOVES.test(word))) return CLOUD_DELETE;
  const last = known.at(-1) ?? "";
  if (!WORD_CREATES.test(last)) return undefined;
  return known.some((word) => WORD_RIGHTS.test(word)) || WORD_RIGHTS.test(last)
    ? CLOUD_RIGHTS
    : CLOUD_CREATE;
}

function judgeGh(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const [noun, verb] = [subOf(view), subOf(view, 1)];
  if (/^(?:delete|archive|rename|transfer|disable|remove)$/.test(verb) && noun !== "project") {
    return CLOUD_DELETE;
  }
  if (
    /^(?:secret|variable|ssh-key|gpg-key|deploy-key)$/.test(noun) &&
    /^(?:set|add|delete|remove)$/.test(verb)
  ) return CLOUD_RIGHTS;
  if (noun === "repo" && (verb === "edit" || verb === "deploy-key")) return CLOUD_RIGHTS;
  if (noun !== "api") return undefined;
  const method = view.subject.args.some(({ value }, index) =>
    /^(?:-X|--method)=?$/.test(value ?? "") &&
      /^(?:DELETE|PUT|PATCH)$/i.test(view.subject.args[index + 1]?.value ?? "DELETE") ||
    /^(?:-X|--method=)(?:DELETE|PUT|PATCH)$/i.test(value ?? "")
  );
  return method ? CLOUD_DELETE : undefined;
}

function judgeGsutil(view: ArgumentsView): PackFinding | undefined {
  const sub = subOf(view);
  if (/^(?:rm|rb|mv)$/.test(sub) || (sub === "rsync" && mayHave(view, "-d"))) return CLOUD_DELETE;
  return /^(?:iam|acl|defacl)$/.test(sub) && /^(?:set|ch)$/.test(subOf(view, 1))
    ? CLOUD_RIGHTS
    : undefined;
}

function judgeStores(view: ArgumentsView): PackFinding | undefined {
  const sub = subOf(view);
  return /^(?:rm|rb|del|delete|deletefile|purge|rmdirs?|sync|move|moveto|cleanup|mv|delete-bucket|mirror)$/
      .test(sub)
    ? CLOUD_DELETE
    : undefined;
}

/** The pack `cloud`. */
export const CLOUD: Pack = {
  programs: programJudges([
    [judgeAws, "aws awslocal"],
    [
      judgeWords,
      "gcloud az doctl heroku fly flyctl vercel netlify firebase wrangler railway linode-cli hcloud ibmcloud oci scw " +
      "supabase render cf aliyun tccli openstack nova exo vultr-cli civo bq packer vault consul cloudflared dokku",
    ],
    [judgeGsutil, "gsutil"],
    [judgeGh, "gh glab hub"],
    [judgeStores, "rclone s3cmd mc b2 azcopy s5cmd"],
  ]),
};

/**
 * Options of programs with subcommands or operands that take a value in the next word.
 *
 * Where a program is not listed, the tables of `src/shell_text/programs/` are used.
 *
 * @module
 */

/** Program → its options in the notation of `src/shell_text/option_spec.ts`. */
export const VALUE_OPTIONS: { readonly [program: string]: string } = {
  git:
    "-C= -c= -p -P --git-dir= --work-tree= --namespace= --super-prefix= --paginate --no-pager --bare " +
    "--no-replace-objects --literal-pathspecs --no-optional-locks --attr-source=",
  aws:
    "--profile= --region= --output= --endpoint-url= --query= --no-verify-ssl --no-paginate --no-sign-request " +
    "--no-cli-pager --color= --ca-bundle= --cli-read-timeout= --cli-connect-timeout= --debug",
  az:
    "-o= --output= --subscription= --query= --verbose --debug --only-show-errors -n= -g= --name= --resource-group=",
  gcloud:
    "--project= --account= --configuration= --quiet -q --verbosity= --format= --zone= --region= --filter= --limit=",
  gsutil: "-o= -h= -u= -i= -m -q -D -d",
  gh: "-R= --repo= --hostname=",
  kubectl:
    "-n= -s= -v= -f= -l= -o= -c= -p= --namespace= --context= --cluster= --kubeconfig= --user= --server= --token= --as= " +
    "--request-timeout= --filename= --selector= --output= --container= --replicas= --patch= --type= --field-selector= " +
    "--from-literal= --from-file= --image= --grace-period= --timeout= --kustomize= -k= --all -A --all-namespaces --force --now " +
    "--dry-run~ --wait~ -i -t -it -w --watch --ignore-not-found",
  oc:
    "-n= -s= -v= -f= -l= -o= -c= -p= --namespace= --context= --kubeconfig= --user= --server= --token= --as= --all -A --force",
  helm:
    "-n= -f= --namespace= --kube-context= --kubeconfig= --values= --set= --version= --registry-config= --repository-cache= --debug -o= --output=",
  terraform:
    "-chdir= -var= -var-file= -target= -lock= -state= -out= -auto-approve -destroy -input= -no-color -force -help -version -json",
  tofu:
    "-chdir= -var= -var-file= -target= -lock= -state= -out= -auto-approve -destroy -input= -no-color -force -help -version -json",
  terragrunt: "--terragrunt-working-dir= --working-dir= -auto-approve -destroy --non-interactive",
  pulumi: "-C= -s= --cwd= --stack= --color= -y --yes --skip-preview",
  docker: "-D -H= -l= --config= --context= -c= --host= --log-level= --tls --tlsverify",
  podman: "--url= --connection= --log-level= --remote -r",
  systemctl:
    "-H= -M= -t= -p= -n= -o= -s= --host= --machine= --type= --property= --lines= --output= --signal= --user --system --now --no-pager -q --quiet -f --force -l --full --no-block",
  npm:
    "-C= -w= --prefix= --workspace= --loglevel= --registry= --cache= --silent -s --workspaces -ws -g --global -D -S -E --save-dev",
  pnpm: "-C= -F= --dir= --filter= -r --recursive -w --workspace-root --silent -s -g -D",
  yarn: "--cwd= --silent -s",
  pip:
    "-q -v --python= --proxy= --timeout= --retries= --cache-dir= --disable-pip-version-check --no-cache-dir",
  cargo: "-q -v -C= -Z= --config= --manifest-path= --color= --offline --locked --frozen",
  apt: "-y -q -o= -c= -t= --yes --quiet",
  "apt-get": "-y -q -o= -c= -t= --yes --quiet -qq",
  psql:
    "-c= -d= -f= -h= -p= -U= -v= -o= -P= -F= -R= -L= --command= --dbname= --file= --host= --port= --username= --set= --variable= -q -t -A -X -x -w -W -l",
  mysql:
    "-e= -u= -h= -P= -D= -S= --execute= --user= --host= --port= --database= --socket= --protocol= -p~ -N -B -s -t -v -f",
  mariadb: "-e= -u= -h= -P= -D= -S= --execute= --user= --host= --port= --database= -p~ -N -B -s -t",
  mysqladmin: "-u= -h= -P= -S= --user= --host= --port= -p~ -f",
  "redis-cli":
    "-h= -p= -s= -a= -n= -u= -r= -i= -D= --user= --pass= --raw --no-raw --tls --cert= --key= --cacert= -c -x --scan --pattern=",
  mongosh: "--eval= --host= --port= --username= -u= -p= --password= --file= -f= --quiet --norc",
  mongo: "--eval= --host= --port= --username= -u= -p= --password= --quiet",
  ssh:
    "-4 -6 -A -a -C -f -G -g -K -k -M -N -n -q -s -T -t -tt -V -v -X -x -Y -y -B= -b= -c= -D= -E= -e= -F= -I= -i= -J= -L= -l= -m= -O= -o= -P= -p= -Q= -R= -S= -W= -w=",
  find: "",
  rm:
    "-f -r -R -i -I -d -v --recursive --force --interactive~ --dir --verbose --preserve-root~ --no-preserve-root --one-file-system",
  chmod:
    "-R -v -c -f --recursive --verbose --changes --quiet --silent --reference= --preserve-root --no-preserve-root",
  chown:
    "-R -v -c -f -h -H -L -P --recursive --verbose --changes --reference= --from= --no-dereference",
  head: "-n= -c= -q -v -z --lines= --bytes=",
  tail: "-n= -c= -s= -f -F -q -v --lines= --bytes= --pid= --follow~ --retry",
  sort:
    "-k= -o= -S= -t= -T= -b -d -f -g -h -i -M -n -r -R -s -u -V -z -c -C -m --output= --key= --field-separator= --compress-program= --parallel= --reverse --unique --numeric-sort",
  uniq:
    "-c -d -D -i -u -z -f= -s= -w= --count --repeated --unique --ignore-case --skip-fields= --skip-chars= --check-chars=",
  xxd:
    "-a -b -c= -C -d -e -E -g= -i -l= -n= -o= -p -ps -plain -bits -include -uppercase -autoskip -r -revert -R= -s= -u " +
    "-v -h -cols= -groupsize= -len= -name= -seek=",
  date:
    "-d= -f= -r= -s= -I~ -R -u --date= --file= --reference= --set= --utc --universal --rfc-3339= --iso-8601~ --rfc-email",
  go: "-C=",
  pkill: "-f -x -u= -U= -g= -P= -t= -n -o -e -c -v -i -9 -HUP -TERM -KILL --signal=",
  mount: "-t= -o= -L= -U= -a -f -n -r -w -v -l --bind --rbind --types= --options=",
  openssl: "",
  truncate: "-s= -r= -c -o --size= --reference= --no-create --io-blocks",
  doctl: "--access-token= -t= --context= -o= --output= -c= --config= --verbose -v",
  heroku: "-a= --app= -r= --remote=",
  fly: "-a= --app= -c= --config= -t= --access-token=",
  flyctl: "-a= --app= -c= --config= -t= --access-token=",
  uv:
    "-q -v --quiet --verbose --offline --directory= --project= --config-file= --cache-dir= --no-cache -n --python= -p=",
  brew: "-q -v -d --quiet --verbose --debug",
  dnf: "-y -q -v --assumeyes --quiet --enablerepo= --disablerepo= -c=",
  yum: "-y -q -v --assumeyes --quiet --enablerepo= --disablerepo= -c=",
  composer: "-d= --working-dir= -n -q -v --no-interaction --quiet",
  bundle: "--gemfile= --retry=",
  bun: "--cwd= --silent --config= -c=",
  deno: "-q --quiet -L= --log-level=",
  poetry: "-q -v -n -C= -P= --directory= --project= --no-ansi --no-interaction",
};
